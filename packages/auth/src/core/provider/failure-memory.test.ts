import { describe, expect, it } from "vitest";
import { createTestClock } from "../../testing/test-clock.js";
import { withFailureMemory } from "./failure-memory.js";

function open() {
  const clock = createTestClock();
  const asked: string[] = [];
  let failure: Error | undefined = new Error("down");
  const read = withFailureMemory(async (what: string) => {
    asked.push(what);
    if (failure !== undefined) throw failure;
    return `${what} read`;
  }, clock.now);
  return {
    clock,
    asked,
    read,
    failWith: (error: Error | undefined) => {
      failure = error;
    },
  };
}

describe("withFailureMemory", () => {
  it("rethrows a failure for five seconds without reading, and then reads again", async () => {
    const { read, clock, asked, failWith } = open();
    const first = await read("a").catch((error: unknown) => error);
    failWith(undefined);

    clock.advance(4.999);
    const second = await read("b").catch((error: unknown) => error);
    clock.advance(0.001);
    const third = await read("c");

    expect(second).toBe(first);
    expect(third).toBe("c read");
    expect(asked).toEqual(["a", "c"]);
  });

  it("reads every time if nothing fails", async () => {
    const { read, asked, failWith } = open();
    failWith(undefined);

    const results = [await read("a"), await read("b")];

    expect(results).toEqual(["a read", "b read"]);
    expect(asked).toEqual(["a", "b"]);
  });

  it("forgets a failure if the clock is set back", async () => {
    const { read, clock, failWith } = open();
    await read("a").catch(() => undefined);
    failWith(undefined);

    clock.advance(-3600);

    await expect(read("b")).resolves.toBe("b read");
  });

  it("remembers the last failure, not the first", async () => {
    const { read, clock, failWith } = open();
    const later = new Error("down in another way");
    await read("a").catch(() => undefined);
    clock.advance(5);
    failWith(later);
    await read("b").catch(() => undefined);

    clock.advance(4.999);

    await expect(read("c")).rejects.toBe(later);
  });
});
