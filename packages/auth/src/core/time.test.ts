import { describe, expect, it } from "vitest";
import { addSeconds, earlierOf, hasPassed } from "./time.js";

const noon = new Date("2026-03-01T12:00:00.000Z");
const minuteLater = new Date("2026-03-01T12:01:00.000Z");

describe("addSeconds", () => {
  it("returns the instant this many seconds later, or earlier for a negative number", () => {
    expect(addSeconds(noon, 60)).toEqual(minuteLater);
    expect(addSeconds(minuteLater, -60)).toEqual(noon);
  });
});

describe("earlierOf", () => {
  it("returns the earlier instant, in either order of arguments", () => {
    expect(earlierOf(noon, minuteLater)).toEqual(noon);
    expect(earlierOf(minuteLater, noon)).toEqual(noon);
  });
});

describe("hasPassed", () => {
  it("returns true from the instant itself on", () => {
    const instants = [-1, 0, 1].map((milliseconds) =>
      hasPassed(noon, new Date(noon.getTime() + milliseconds)),
    );

    expect(instants).toEqual([false, true, true]);
  });
});
