import { describe, expect, it } from "vitest";
import { isGuid } from "./identifiers.js";

const guid = "c0a70500-1111-4c0a-8c0a-c0a70500c0a0";

describe("isGuid", () => {
  it("returns true for a GUID in lower case", () => {
    expect(isGuid(guid)).toBe(true);
  });

  it.each([
    "",
    guid.toUpperCase(),
    `{${guid}}`,
    `x${guid}`,
    `0${guid}`,
    `${guid}0`,
    `${guid}\n`,
    `\n${guid}`,
    guid.replaceAll("-", ""),
    guid.replace("c", "g"),
    guid.slice(1),
    guid.slice(0, -1),
  ])("returns false for %j", (text) => {
    expect(isGuid(text)).toBe(false);
  });
});
