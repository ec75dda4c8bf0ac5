import { describe, expect, it } from "vitest";
import { addSeconds, earlierOf, hasPassed } from "./time.js";

const noon = new Date("2026-03-01T12:00:00.000Z");
const minuteLater = new Date("2026-03-01T12:01:00.000Z");

describe("addSeconds", () => {
  it("answers the instant so many seconds later, and earlier for a negative number", () => {
    expect(addSeconds(noon, 60)).toEqual(minuteLater);
    expect(addSeconds(minuteLater, -60)).toEqual(noon);
  });
});

describe("earlierOf", () => {
  it("answers the earlier instant, in whichever place it stands", () => {
    expect(earlierOf(noon, minuteLater)).toEqual(noon);
    expect(earlierOf(minuteLater, noon)).toEqual(noon);
  });
});

describe("hasPassed", () => {
  it("is true from the instant itself on", () => {
    const instants = [-1, 0, 1].map((milliseconds) =>
      hasPassed(noon, new Date(noon.getTime() + milliseconds)),
    );

    expect(instants).toEqual([false, true, true]);
  });
});
