import { describe, expect, it } from "vitest";
import { formatSearch, parseSearch } from "./search.js";

describe("parseSearch", () => {
  it.each([
    ["?n=001", { n: "001" }],
    ["?n=1e5&b=true", { n: "1e5", b: "true" }],
    ['?q="x"', { q: '"x"' }],
    ["?a=1&a=2", { a: ["1", "2"] }],
    ["", {}],
  ])("keeps the values of %s as strings", (text, search) => {
    expect(parseSearch(text)).toEqual(search);
  });
});

describe("formatSearch", () => {
  it.each(["?n=001", "?a=1&a=2", "?code=0.AX%2Ba&state=s", ""])(
    "restores %s after parseSearch",
    (text) => {
      expect(formatSearch(parseSearch(text))).toBe(text);
    },
  );

  it("omits undefined values", () => {
    expect(formatSearch({ tab: undefined, n: 1 })).toBe("?n=1");
  });
});
