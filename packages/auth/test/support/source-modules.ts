import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Visitor, parseSync } from "oxc-parser";

/** One import or re-export of a module. */
export interface ModuleImport {
  /** The specifier in the source. */
  readonly specifier: string;
  /** The path of a relative import from the root of the monorepo; `undefined` for packages. */
  readonly file: string | undefined;
  /** Whether it imports only types. */
  readonly isTypeOnly: boolean;
  /** Whether it is hidden from bundlers: a dynamic import with comments that make them ignore it. */
  readonly isHidden: boolean;
}

/** A source file of the monorepo that is not a test. */
export interface SourceModule {
  /** The path from the monorepo's root, with slashes. */
  readonly file: string;
  readonly imports: readonly ModuleImport[];
  /** Whether it reads `process.env`. */
  readonly readsEnvironment: boolean;
  /** The optional properties, and uses of `Partial` in exported types, that do not accept `undefined`. */
  readonly narrowOptionals: readonly string[];
}

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const sourceFile = /\.tsx?$/;
const hiddenImport =
  /\/\* webpackIgnore: true \*\/ \/\* turbopackIgnore: true \*\//;
const testFile = /(\.test|\.test-d)\.tsx?$|\.d\.ts$/;

/** Reads every source file of `apps` and `packages`. */
export function readSourceModules(): readonly SourceModule[] {
  return (
    ["apps", "packages"]
      .flatMap((group) =>
        readdirSync(join(root, group)).map((name) =>
          join(root, group, name, "src"),
        ),
      )
      // Documents and benchmarks have no source folder.
      .filter((folder) => existsSync(folder))
      .flatMap(listFiles)
      .map(readModule)
  );
}

/** Parses a source text as the content of this file. */
export function parseModule(file: string, text: string): SourceModule {
  const { module, program, errors } = parseSync(file, text);
  if (errors.length > 0)
    throw new Error(`${file} cannot be parsed: ${errors[0]?.message ?? ""}`);
  const statics = module.staticImports.map(({ moduleRequest, entries }) => ({
    specifier: moduleRequest.value,
    isTypeOnly: isTypeOnly(entries),
    isHidden: false,
  }));
  const reExports = module.staticExports.flatMap(({ entries }) => {
    const specifier = entries.find(
      ({ moduleRequest }) => moduleRequest !== null,
    )?.moduleRequest?.value;
    return specifier === undefined
      ? []
      : [{ specifier, isTypeOnly: isTypeOnly(entries), isHidden: false }];
  });
  const dynamics = module.dynamicImports.map(({ start, moduleRequest }) => ({
    specifier: text.slice(moduleRequest.start + 1, moduleRequest.end - 1),
    isTypeOnly: false,
    isHidden: hiddenImport.test(text.slice(start, moduleRequest.start)),
  }));
  return {
    file,
    imports: [...statics, ...reExports, ...dynamics].map((found) => ({
      ...found,
      file: found.specifier.startsWith(".")
        ? resolveFile(file, found.specifier)
        : undefined,
    })),
    readsEnvironment: readsEnvironment(program, statics),
    narrowOptionals: listNarrowOptionals(program, text),
  };
}

function isTypeOnly(entries: readonly { readonly isType: boolean }[]): boolean {
  return entries.length > 0 && entries.every(({ isType }) => isType);
}

function readModule(path: string): SourceModule {
  return parseModule(
    relative(root, path).replaceAll("\\", "/"),
    readFileSync(path, "utf8"),
  );
}

function listFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(
      (entry) =>
        entry.isFile() &&
        sourceFile.test(entry.name) &&
        !testFile.test(entry.name),
    )
    .map((entry) => join(entry.parentPath, entry.name));
}

function resolveFile(from: string, specifier: string): string {
  const path = resolve(root, dirname(from), specifier);
  const written = relative(root, path).replaceAll("\\", "/");
  const candidates = [
    written.replace(/\.js$/, ".ts"),
    written.replace(/\.js$/, ".tsx"),
    written,
    `${written}.ts`,
    `${written}.tsx`,
  ];
  return candidates.find(isSourceFile) ?? written;
}

function isSourceFile(file: string): boolean {
  try {
    readFileSync(join(root, file));
    return sourceFile.test(file);
  } catch {
    return false;
  }
}

/** With `exactOptionalPropertyTypes`, `name?: string` does not accept `undefined`, and neither does `Partial`. */
function listNarrowOptionals(
  program: ReturnType<typeof parseSync>["program"],
  text: string,
): readonly string[] {
  const found: string[] = [];
  const read = ({
    start,
    end,
  }: {
    readonly start: number;
    readonly end: number;
  }) => text.slice(start, end);
  new Visitor({
    TSPropertySignature: ({ optional, key, typeAnnotation }) => {
      if (!optional || typeAnnotation === null) return;
      const type = typeAnnotation.typeAnnotation;
      const members = type.type === "TSUnionType" ? type.types : [type];
      const acceptsUndefined = members.some((member) =>
        ["TSUndefinedKeyword", "TSUnknownKeyword"].includes(member.type),
      );
      if (!acceptsUndefined) found.push(read(key));
    },
    ExportNamedDeclaration: ({ declaration }) => {
      const isType =
        declaration?.type === "TSTypeAliasDeclaration" ||
        declaration?.type === "TSInterfaceDeclaration";
      if (isType && /\bPartial</.test(read(declaration)))
        found.push(`${declaration.id.name}: Partial`);
    },
  }).visit(program);
  return found;
}

function readsEnvironment(
  program: ReturnType<typeof parseSync>["program"],
  imports: readonly { readonly specifier: string }[],
): boolean {
  let isFound = imports.some(
    ({ specifier }) => specifier === "node:process" || specifier === "process",
  );
  new Visitor({
    MemberExpression: ({ object, property }) => {
      isFound ||=
        object.type === "Identifier" &&
        object.name === "process" &&
        ((property.type === "Identifier" && property.name === "env") ||
          (property.type === "Literal" && property.value === "env"));
    },
  }).visit(program);
  return isFound;
}
