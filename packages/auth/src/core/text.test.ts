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
    ["abc\uFFFFe", "abc\uFFFF"],
    ["😀😀😀", "😀😀"],
  ])(
    "truncates %j to four code units as %j, never inside a character",
    (text, cut) => {
      expect(cutText(text, 4)).toBe(cut);
    },
  );

  it.each([
    ["a\uD83D", "a\uFFFD"],
    ["\uDE00a", "\uFFFDa"],
    ["a\u0000b", "a\uFFFDb"],
    ["\uD83D".repeat(9), "\uFFFD".repeat(4)],
  ])(
    "replaces the characters in %j that a database cannot store",
    (text, stored) => {
      expect(cutText(text, 4)).toBe(stored);
    },
  );
});
