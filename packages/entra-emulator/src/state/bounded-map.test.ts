import { describe, expect, it } from "vitest";
import { createBoundedMap } from "./bounded-map.js";
import { addSeconds, createClock } from "./clock.js";

const start = new Date("2026-05-04T10:00:00Z");

describe("createBoundedMap", () => {
  it("drops the oldest entry if there are more than the limit", () => {
    const map = createBoundedMap<number>(
      createClock(() => start),
      2,
    );

    for (const number of [1, 2, 3])
      map.set(String(number), number, addSeconds(start, 60));

    expect([map.size, map.get("1"), map.get("2"), map.get("3")]).toEqual([
      2,
      undefined,
      2,
      3,
    ]);
  });

  it("drops an entry that has expired", () => {
    const clock = createClock(() => start);
    const map = createBoundedMap<number>(clock, 2);
    map.set("one", 1, addSeconds(start, 60));

    clock.advance(60);

    expect(map.get("one")).toBeUndefined();
    expect(map.size).toBe(0);
  });
});
