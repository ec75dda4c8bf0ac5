import { describe, expect, it } from "vitest";
import { cutText } from "./text.js";

describe("cutText", () => {
  it.each([
    ["", ""],
    ["abcd", "abcd"],
    ["abcde", "abcd"],
    ["abc😀", "abc"],
    ["ab😀", "ab😀"],
    ["ab😀c", "ab😀"],
    ["😀😀😀", "😀😀"],
  ])("cuts %j to four code units as %j, no character in half", (text, cut) => {
    expect(cutText(text, 4)).toBe(cut);
  });

  it.each([
    ["a\uD83D", "a\uFFFD"],
    ["\uDE00a", "\uFFFDa"],
    ["a\u0000b", "a\uFFFDb"],
    ["\uD83D".repeat(9), "\uFFFD".repeat(4)],
  ])("replaces in %j what a database does not keep", (text, stored) => {
    expect(cutText(text, 4)).toBe(stored);
  });
});
