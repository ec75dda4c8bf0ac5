import { describe, expect, it } from "vitest";
import { listFiles, parseTables, readDocument } from "./security-document.js";

/** A row of a chapter's table in asvs.md. */
interface RequirementRow {
  /** The chapter of the row, such as `V3`. */
  readonly chapter: string;
  readonly id: string;
  readonly requirement: string;
  readonly level: string;
  readonly verdict: string;
  readonly where: string;
}

const verdicts = [
  "met",
  "app",
  "identity provider",
  "not applicable",
  "not met",
];

// ASVS 5.0.0: for each section of a chapter, the levels of its requirements in order.
const levels: Readonly<Record<string, string>> = {
  V3: "3 113 12223 11222233 11122333 3 22333",
  V6: "122 111111112222 11223333 112233 22222333 2223 33 2222",
  V7: "222 1111 22 11222 223 22",
  V9: "111 1222",
  V10: "22 223 22223 1111122222233333 22222 22 222",
  V14: "22 12223333 122",
  V16: "2 22222 2222 222 2223",
};

/** Returns the rows of the chapters' tables. */
function parseRows(text: string): readonly RequirementRow[] {
  return parseTables(text)
    .filter(({ chapter }) => /^V\d/.test(chapter))
    .map(({ chapter, cells }) => {
      const [id = "", requirement = "", level = "", verdict = "", where = ""] =
        cells;
      const [name = ""] = chapter.split(" ");
      return {
        chapter: name,
        // Markdown hides the additional cells of a row.
        id: cells.length === 5 ? id : `${id} has ${cells.length} cells`,
        requirement,
        level,
        verdict,
        where,
      };
    });
}

/** Returns what the standard lists: `V3.2.1 of level 1` and so on. */
function listRequirements(): readonly string[] {
  return Object.entries(levels).flatMap(([chapter, sections]) =>
    sections
      .split(" ")
      .flatMap((digits, section) =>
        [...digits].map((level, index) => ({
          level,
          id: `${chapter}.${section + 1}.${index + 1}`,
        })),
      )
      .filter(({ level }) => level !== "3")
      .map(({ id, level }) => `${id} of level ${level}`),
  );
}

describe("asvs.md: the tables", () => {
  const rows = parseRows(readDocument("asvs.md"));

  it("have exactly one row for each requirement of levels 1 and 2", () => {
    const listed = rows.map(({ id, level }) => `${id} of level ${level}`);

    expect(listed).toEqual(listRequirements());
  });

  it("have each requirement in its own chapter", () => {
    const strays = rows.filter(
      ({ chapter, id }) => !id.startsWith(`${chapter}.`),
    );

    expect(strays).toEqual([]);
  });

  it("have a valid verdict, a requirement text and a reason in each row", () => {
    const unfinished = rows.filter(
      ({ requirement, verdict, where }) =>
        !verdicts.includes(verdict) || requirement === "" || where === "",
    );

    expect(unfinished).toEqual([]);
  });

  it("name a file for each requirement that is met", () => {
    const unfounded = rows.filter(
      ({ verdict, where }) =>
        verdict === "met" && listFiles(where).length === 0,
    );

    expect(unfounded).toEqual([]);
  });
});

describe("this test", () => {
  it("detects a row that is split in two", () => {
    const [row] = parseRows(
      "## V3 Some\n\n| ID |\n| -- |\n| V3.2.1 | a | b | 1 | met | c |\n",
    );

    expect(row?.id).toBe("V3.2.1 has 6 cells");
  });
});
