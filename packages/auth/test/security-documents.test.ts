import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Visitor, parseSync } from "oxc-parser";
import { describe, expect, it } from "vitest";

/** A row of a chapter's table in ASVS.md. */
interface RequirementRow {
  /** The chapter that the row stands in, such as `V3`. */
  readonly chapter: string;
  readonly id: string;
  readonly requirement: string;
  readonly level: string;
  readonly verdict: string;
  readonly where: string;
}

const root = fileURLToPath(new URL("../../..", import.meta.url));
const folder = "packages/auth";
const documents = ["SECURITY.md", "ASVS.md"];

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

/** Answers the text of a document without its drawings. */
function readDocument(name: string): string {
  const text = readFileSync(join(root, folder, name), "utf8");
  return text.replaceAll(/^```[\s\S]*?^```$/gm, "");
}

/** Answers the files that a text names, from the root: paths in backticks, and links to files. */
function listFiles(text: string): readonly string[] {
  const paths = text.matchAll(
    /`((?:apps|packages)\/[^`\s]*|[\w-]+\.(?:md|json))`/g,
  );
  const links = text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g);
  return [
    ...[...paths].map(([, path = ""]) => path),
    ...[...links].map(([, target = ""]) => join(folder, target)),
  ];
}

function findMissingFiles(text: string): readonly string[] {
  return listFiles(text).filter((file) => !existsSync(join(root, file)));
}

/** Answers the titles that a text quotes, each with the file named before it; `undefined` where none is. */
function listQuotedTitles(
  text: string,
): readonly { readonly file: string | undefined; readonly title: string }[] {
  const quoted: {
    readonly file: string | undefined;
    readonly title: string;
  }[] = [];
  let file: string | undefined;
  for (const [, path, title] of text.matchAll(/`([^`\s]+\.tsx?)`|"([^"]*)"/g)) {
    if (path !== undefined) file = path;
    if (title !== undefined) quoted.push({ file, title });
  }
  return quoted;
}

function findMissingTitles(text: string): readonly string[] {
  return listQuotedTitles(text)
    .filter(
      ({ file, title }) => file === undefined || !readTitles(file).has(title),
    )
    .map(({ file, title }) => `${file ?? "no file"}: ${title}`);
}

const titlesOfFiles = new Map<string, ReadonlySet<string>>();

/** Answers the titles of the tests, groups and store rules in a file; none if there is no such file. */
function readTitles(file: string): ReadonlySet<string> {
  const known = titlesOfFiles.get(file);
  if (known !== undefined) return known;
  const path = join(root, file);
  const titles = parseTitles(
    file,
    existsSync(path) ? readFileSync(path, "utf8") : "",
  );
  titlesOfFiles.set(file, titles);
  return titles;
}

function parseTitles(file: string, source: string): ReadonlySet<string> {
  const titles = new Set<string>();
  new Visitor({
    CallExpression: ({ callee, arguments: [title] }) => {
      const name = source.slice(callee.start, callee.end);
      const isTest = /^(?:describe|it|rule|test)(?![\w$])/.test(name);
      if (
        isTest &&
        title?.type === "Literal" &&
        typeof title.value === "string"
      )
        titles.add(title.value);
    },
  }).visit(parseSync(file, source).program);
  return titles;
}

/** Answers the rows of the chapters' tables, their heads left out. */
function parseRows(text: string): readonly RequirementRow[] {
  return text
    .split(/^## /m)
    .filter((chapter) => /^V\d/.test(chapter))
    .flatMap((chapter) => {
      const [name = ""] = chapter.split(" ");
      const lines = chapter.split("\n").filter((line) => line.startsWith("|"));
      return lines.slice(2).map((line) => parseRow(name, line));
    });
}

function parseRow(chapter: string, line: string): RequirementRow {
  const cells = line.split("|").map((cell) => cell.trim());
  const [, id = "", requirement = "", level = "", verdict = "", where = ""] =
    cells;
  // Five cells between six lines; a row with more would hide part of itself.
  return {
    chapter,
    id: cells.length === 7 ? id : `${id} has ${cells.length - 2} cells`,
    requirement,
    level,
    verdict,
    where,
  };
}

/** Answers what the standard lists: `V3.2.1 of level 1` and so on. */
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

describe("ASVS.md: the tables", () => {
  const rows = parseRows(readDocument("ASVS.md"));

  it("have one row for each requirement of levels 1 and 2, and none besides", () => {
    const listed = rows.map(({ id, level }) => `${id} of level ${level}`);

    expect(listed).toEqual(listRequirements());
  });

  it("have each requirement in its own chapter", () => {
    const strays = rows.filter(
      ({ chapter, id }) => !id.startsWith(`${chapter}.`),
    );

    expect(strays).toEqual([]);
  });

  it("have a verdict of the closed set, and words and grounds, in each row", () => {
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
  it("sees a file that does not exist, in backticks and in a link", () => {
    const text = "See `packages/auth/src/nothing.ts` and [more](NOTHING.md).";

    expect(findMissingFiles(text)).toEqual([
      "packages/auth/src/nothing.ts",
      "packages/auth/NOTHING.md",
    ]);
  });

  it("sees a title that no test has, and one without a file", () => {
    const text =
      '"names files that exist" in `packages/auth/test/security-documents.test.ts`: "names files that exist", "names nothing"';

    expect(findMissingTitles(text)).toEqual([
      "no file: names files that exist",
      "packages/auth/test/security-documents.test.ts: names nothing",
    ]);
  });

  it("takes no other text of a file for a title", () => {
    const source =
      'const text = "not a title"; it.each(["nor this"])("a title", () => say("nor that"));';

    expect([...parseTitles("some.test.ts", source)]).toEqual(["a title"]);
  });

  it("sees a row that is cut in two", () => {
    const [row] = parseRows(
      "## V3 Some\n\n| ID |\n| -- |\n| V3.2.1 | a | b | 1 | met | c |\n",
    );

    expect(row?.id).toBe("V3.2.1 has 6 cells");
  });
});
