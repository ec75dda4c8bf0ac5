import { describe, expect, it } from "vitest";
import { aadstsPage, explainAadsts } from "./aadsts.js";

const frequent = [
  50011, 7000215, 7000222, 700016, 50194, 65001, 65004, 9002325, 9002326, 50105,
  50020, 90094, 53003, 700054, 900144, 54005, 70008, 501481, 90002, 50058,
  16000, 7000218, 700027,
];

describe("explainAadsts", () => {
  it.each(frequent)("explains AADSTS%i", (number) => {
    const explanation = explainAadsts(`AADSTS${number}`);

    expect(explanation?.meaning).toMatch(/\.$/);
    expect(explanation?.remedy).toMatch(/\.$/);
  });

  it.each(["AADSTS1", "AADSTS", "toString", "50011x"])(
    "returns undefined for %s",
    (code) => {
      expect(explainAadsts(code)).toBeUndefined();
    },
  );
});

describe("aadstsPage", () => {
  it("returns Microsoft's page for the code", () => {
    expect(aadstsPage("AADSTS50011")).toBe(
      "https://login.microsoftonline.com/error?code=50011",
    );
  });
});
