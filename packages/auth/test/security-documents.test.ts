import { describe, expect, it } from "vitest";
import {
  findMissingFiles,
  findMissingTitles,
  listFiles,
  listQuotedTitles,
  readDocument,
} from "./security-document.js";

const documents = ["threat-model.md", "asvs.md"];

describe.each(documents)("%s", (name) => {
  const text = readDocument(name);

  it("names files that exist", () => {
    expect(listFiles(text).length).toBeGreaterThan(20);
    expect(findMissingFiles(text)).toEqual([]);
  });

  it("quotes titles of tests that exist in the file named before them", () => {
    expect(listQuotedTitles(text).length).toBeGreaterThan(20);
    expect(findMissingTitles(text)).toEqual([]);
  });
});

describe("this test", () => {
  it("detects a missing file, in backticks and in a link", () => {
    const text = "See `packages/auth/src/nothing.ts` and [more](NOTHING.md).";

    expect(findMissingFiles(text)).toEqual([
      "packages/auth/src/nothing.ts",
      "apps/docs/security/NOTHING.md",
    ]);
  });

  it("detects an unknown title, and a title without a file", () => {
    const text =
      '"names files that exist" in `packages/auth/test/security-documents.test.ts`: "names files that exist", "names nothing"';

    expect(findMissingTitles(text)).toEqual([
      "no file: names files that exist",
      "packages/auth/test/security-documents.test.ts: names nothing",
    ]);
  });
});
