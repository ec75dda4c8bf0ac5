import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "oxc-parser";

/** One name that a subpath of this package exports. */
export interface PublicExport {
  readonly name: string;
  readonly isType: boolean;
  /** Whether its declaration has a doc comment. */
  readonly isDocumented: boolean;
}

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Reads the exports of an entry file, as `package.json` names it. */
export function readPublicExports(entry: string): readonly PublicExport[] {
  const file = join(root, entry);
  const { module } = parseSync(file, readFileSync(file, "utf8"));
  return module.staticExports.flatMap(({ entries }) =>
    entries.map(({ exportName, importName, moduleRequest, isType }) => ({
      name: exportName.name ?? exportName.kind,
      isType,
      isDocumented:
        moduleRequest !== null &&
        isDocumented(
          resolveSource(file, moduleRequest.value),
          importName.name ?? "",
        ),
    })),
  );
}

function isDocumented(file: string, name: string): boolean {
  const text = readFileSync(file, "utf8");
  const { program, module, comments } = parseSync(file, text);
  const forwarded = module.staticExports
    .flatMap(({ entries }) => entries)
    .find(
      ({ exportName, moduleRequest }) =>
        exportName.name === name && moduleRequest !== null,
    );
  if (forwarded?.moduleRequest) {
    return isDocumented(
      resolveSource(file, forwarded.moduleRequest.value),
      forwarded.importName.name ?? name,
    );
  }
  const declaration = program.body.find(
    (statement) =>
      statement.type === "ExportNamedDeclaration" &&
      module.staticExports.some(
        ({ start, entries }) =>
          start === statement.start &&
          entries.some(({ exportName }) => exportName.name === name),
      ),
  );
  return comments.some(
    ({ type, value, end }) =>
      type === "Block" &&
      value.startsWith("*") &&
      declaration !== undefined &&
      end <= declaration.start &&
      text.slice(end, declaration.start).trim() === "",
  );
}

function resolveSource(from: string, specifier: string): string {
  const path = join(dirname(from), specifier);
  const candidates = [
    path.replace(/\.js$/, ".ts"),
    path.replace(/\.js$/, ".tsx"),
  ];
  const found = candidates.find((candidate) => {
    try {
      readFileSync(candidate);
      return true;
    } catch {
      return false;
    }
  });
  if (found === undefined)
    throw new Error(`${specifier} of ${from} is not a source file.`);
  return found;
}
