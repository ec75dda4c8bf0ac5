import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root, testTitles } from "./test-titles.js";

// Reads the file names and test titles from the documents in apps/docs/security.

/** A title that a document quotes, and the file that it names before, if any. */
export interface QuotedTitle {
  readonly file: string | undefined;
  readonly title: string;
}

/** A row of a table, and its chapter. */
export interface TableRow {
  readonly chapter: string;
  readonly cells: readonly string[];
}

const folder = "apps/docs/security";

/** Returns the text of a document without its diagrams. */
export function readDocument(name: string): string {
  const text = readFileSync(join(root, folder, name), "utf8");
  return text.replaceAll(/^```[\s\S]*?^```$/gm, "");
}

/** Returns the files that a text names, from the root: paths in backticks, and links to files. */
export function listFiles(text: string): readonly string[] {
  const paths = text.matchAll(
    /`((?:apps|packages)\/[^`\s]*|[\w-]+\.(?:md|json))`/g,
  );
  const links = text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g);
  return [
    ...[...paths].map(([, path = ""]) => path),
    ...[...links].map(([, target = ""]) => join(folder, target)),
  ];
}

/** Returns the files that a text names and that do not exist. */
export function findMissingFiles(text: string): readonly string[] {
  return listFiles(text).filter((file) => !existsSync(join(root, file)));
}

/** Returns the titles that a text quotes. */
export function listQuotedTitles(text: string): readonly QuotedTitle[] {
  const quoted: QuotedTitle[] = [];
  let file: string | undefined;
  for (const [, path, title] of text.matchAll(/`([^`\s]+\.tsx?)`|"([^"]*)"/g)) {
    if (path !== undefined) file = path;
    if (title !== undefined) quoted.push({ file, title });
  }
  return quoted;
}

/** Returns the titles that a text quotes and that no test in the file named before them has. */
export function findMissingTitles(text: string): readonly string[] {
  const known = new Set(
    testTitles.map(({ file, title }) => `${file}: ${title}`),
  );
  return listQuotedTitles(text)
    .filter(({ file, title }) => !known.has(`${file ?? ""}: ${title}`))
    .map(({ file, title }) => `${file ?? "no file"}: ${title}`);
}

/** Returns the rows of the tables under the second-level headings, without the header rows. */
export function parseTables(text: string): readonly TableRow[] {
  return text
    .split(/^## /m)
    .slice(1)
    .flatMap((part) => {
      const [chapter = "", ...lines] = part.split("\n");
      const table = lines.filter((line) => line.startsWith("|"));
      return table.slice(2).map((line) => ({
        chapter,
        cells: line
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.trim()),
      }));
    });
}
