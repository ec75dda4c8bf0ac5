import { describe, expect, it } from "vitest";
import { createTestClock } from "../testing/test-clock.js";
import { createBlockedKeys } from "./blocked-keys.js";

describe("createBlockedKeys", () => {
  it("tells how long a key is still blocked, and 0 from the instant it is not", () => {
    const clock = createTestClock();
    const blocked = createBlockedKeys(10, clock.now);
    blocked.block("one", 2000);

    const answers = [blocked.readRemaining("one")];
    clock.advance(1.999);
    answers.push(blocked.readRemaining("one"));
    clock.advance(0.001);
    answers.push(blocked.readRemaining("one"));

    expect(answers).toEqual([2000, 1, 0]);
  });

  it("blocks no other key", () => {
    const blocked = createBlockedKeys(10, createTestClock().now);
    blocked.block("one", 2000);

    expect(blocked.readRemaining("other")).toBe(0);
  });

  it("keeps at most so many keys, those that were blocked last", () => {
    const blocked = createBlockedKeys(2, createTestClock().now);

    for (const key of ["one", "two", "one", "three"]) blocked.block(key, 2000);

    const remaining = ["one", "two", "three"].map(blocked.readRemaining);
    expect(remaining).toEqual([2000, 0, 2000]);
  });
});
