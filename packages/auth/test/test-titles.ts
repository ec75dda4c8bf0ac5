import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Visitor, parseSync } from "oxc-parser";

/** The title of a test, a group of tests, or a rule of a store contract. */
export interface TestTitle {
  /** The path from the root of the repository. */
  readonly file: string;
  /** The IDs of its requirements: `[F15][S2] ...` has two. */
  readonly ids: readonly string[];
  /** The title without the IDs. */
  readonly title: string;
  /** The titles of the groups around it, and its own. */
  readonly name: string;
}

export const root = fileURLToPath(new URL("../../..", import.meta.url));
// The rules of several stores are in contracts, which the tests of the stores call.
const testFile = /\.test\.tsx?$|-contract\.ts$/;
const testCall = /^(?:describe|it|rule|test)(?![\w$])(?!.*\.(?:skip|todo)\b)/;
const prefix = /^(?:\[[A-Z]\d+\])+ /;

/** The titles in all test files of `apps` and `packages`. */
export const testTitles: readonly TestTitle[] = listTestFiles().flatMap(
  (file) => parseTestTitles(file, readFileSync(join(root, file), "utf8")),
);

function listTestFiles(): readonly string[] {
  const folders = ["apps", "packages"]
    .flatMap((group) =>
      readdirSync(join(root, group)).map((name) => join(group, name)),
    )
    .flatMap((name) => ["e2e", "src", "test"].map((part) => join(name, part)))
    .filter((folder) => existsSync(join(root, folder)));
  return folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
        .filter((name) => testFile.test(name))
        .map((name) => join(folder, name)),
    )
    .toSorted();
}

/** Returns the titles in a source text, except those of skipped tests. */
export function parseTestTitles(
  file: string,
  source: string,
): readonly TestTitle[] {
  const found: TestTitle[] = [];
  const groups: { readonly end: number; readonly title: string }[] = [];
  new Visitor({
    CallExpression: ({ callee, arguments: [first], start, end }) => {
      if (!testCall.test(source.slice(callee.start, callee.end))) return;
      if (first?.type !== "Literal" || typeof first.value !== "string") return;
      const title = first.value.replace(prefix, "");
      while ((groups.at(-1)?.end ?? end) < start) groups.pop();
      groups.push({ end, title });
      const [ids = ""] = prefix.exec(first.value) ?? [];
      found.push({
        file,
        ids: ids.match(/[A-Z]\d+/g) ?? [],
        title,
        name: groups.map((group) => group.title).join(" "),
      });
    },
  }).visit(parseSync(file, source).program);
  return found;
}
