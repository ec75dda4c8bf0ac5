import { describe, expect, it } from "vitest";
import { chapters } from "./security-requirements.js";
import { formatTestsDocument } from "./security-tests-document.js";
import { parseTestTitles, testTitles } from "./test-titles.js";
import type { TestTitle } from "./test-titles.js";

const requirements = chapters.flatMap((chapter) => chapter.requirements);
const listedIds = requirements.map(([id]) => id);

/** Returns the IDs in titles that are not listed, each with its test. */
function findUnknownIds(
  titles: readonly TestTitle[],
  known: readonly string[],
): readonly string[] {
  return titles.flatMap(({ file, ids, title }) =>
    ids
      .filter((id) => !known.includes(id))
      .map((id) => `${id} in ${file}: ${title}`),
  );
}

/** Returns the IDs that no title has. */
function findUntestedIds(
  titles: readonly TestTitle[],
  known: readonly string[],
): readonly string[] {
  const tested = new Set(titles.flatMap(({ ids }) => ids));
  return known.filter((id) => !tested.has(id));
}

describe("the security requirements", () => {
  it("have a unique ID, a sentence and a source", () => {
    const unfinished = requirements.filter(
      ([id, ...texts]) => !/^[A-Z]\d+$/.test(id) || texts.includes(""),
    );

    expect(listedIds.length).toBeGreaterThan(200);
    expect(new Set(listedIds).size).toBe(listedIds.length);
    expect(unfinished).toEqual([]);
  });

  it("have at least one test", () => {
    expect(findUntestedIds(testTitles, listedIds)).toEqual([]);
  });

  it("include the ID of every test title", () => {
    expect(findUnknownIds(testTitles, listedIds)).toEqual([]);
  });

  it("have the names of the OpenID Foundation's modules that the tests have", () => {
    const named = requirements
      .filter(([id]) => id.startsWith("M"))
      .map(([id, name]) => [
        id,
        `oidcc-client-test-${name.replaceAll("`", "")}`,
      ]);
    const groups = named.map(([id = ""]) => [
      id,
      testTitles.find(({ ids }) => ids.includes(id))?.title,
    ]);

    expect(groups).toEqual(named);
  });

  it("are in tests.md, with the titles of their tests", async () => {
    await expect(formatTestsDocument(chapters, testTitles)).toMatchFileSnapshot(
      "../../../apps/docs/security/tests.md",
    );
  });
});

describe("this test", () => {
  const titles = parseTestTitles(
    "a.test.ts",
    `
      const text = "[A1] not a title";
      describe("a group", () => {
        it.each(["[A2] nor this"])("[B1][B2] a title of %s", () => say("[A3] nor that"));
        it.skip("[A4] not run", () => {});
      });
      rule("another title", () => {});
    `,
  );

  it("reads the titles of tests that run, and their IDs", () => {
    expect(titles).toEqual([
      { file: "a.test.ts", ids: [], title: "a group", name: "a group" },
      {
        file: "a.test.ts",
        ids: ["B1", "B2"],
        title: "a title of %s",
        name: "a group a title of %s",
      },
      {
        file: "a.test.ts",
        ids: [],
        title: "another title",
        name: "another title",
      },
    ]);
  });

  it("reports an ID that is not listed, and one without a test", () => {
    expect(findUnknownIds(titles, ["B1"])).toEqual([
      "B2 in a.test.ts: a title of %s",
    ]);
    expect(findUntestedIds(titles, ["B1", "B3"])).toEqual(["B3"]);
  });
});
