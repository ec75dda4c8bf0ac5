import { dirname } from "node:path/posix";
import { describe, expect, it } from "vitest";
import { parseModule, readSourceModules } from "./support/source-modules.js";
import type { ModuleImport, SourceModule } from "./support/source-modules.js";

// The benchmarks also start the libraries that Entrada is compared with. Nothing imports them.
const modules = readSourceModules().filter(
  ({ file }) => !file.startsWith("apps/bench/"),
);
const auth = "packages/auth/src";

/** The imports that a part of the monorepo may have, type-only imports included. */
interface Boundary {
  readonly values: readonly RegExp[];
  readonly types?: readonly RegExp[];
  /** The imports that must be hidden from bundlers, because they may be missing. */
  readonly hidden?: readonly RegExp[];
}

const react = [/^react(-dom)?(\/|$)/];
const folders = (...names: readonly string[]) =>
  names.map((name) => new RegExp(`^${auth}/${name}/`));
// The files in core/ are of two kinds: those that every folder of the core imports, and those that compose the folders.
const foundations =
  /^packages\/auth\/src\/core\/(digest|error|event|fields|identifiers|sealer|text|time)\.ts$/;
const ports = /^packages\/auth\/src\/core\/ports\.ts$/;
// The folders of the core may import only its type.
const core = /^packages\/auth\/src\/core\/core\.ts$/;

// A relative import is tested by its file, any other by its specifier. A file belongs to the first part that its path
// begins with. The folders of the core are listed from the lowest to the highest layer.
const boundaries: Readonly<Record<string, Boundary>> = {
  [`${auth}/core/stores/`]: {
    values: [foundations, ...folders("core/stores")],
  },
  [`${auth}/core/provider/`]: {
    values: [/^jose$/, /^undici$/, foundations, ...folders("core/provider")],
  },
  [`${auth}/core/token/`]: {
    values: [
      /^node:crypto$/,
      /^jose$/,
      foundations,
      ports,
      ...folders("core/stores", "core/provider", "core/token"),
    ],
  },
  [`${auth}/core/session/`]: {
    values: [
      foundations,
      ports,
      ...folders("core/stores", "core/provider", "core/token", "core/session"),
    ],
    types: [core],
  },
  [`${auth}/core/sign-in/`]: {
    values: [
      foundations,
      ports,
      /^packages\/auth\/src\/core\/options\.ts$/,
      ...folders(
        "core/stores",
        "core/provider",
        "core/token",
        "core/session",
        "core/sign-in",
      ),
    ],
    types: [core],
  },
  [`${auth}/core/administration/`]: {
    values: [
      foundations,
      ports,
      ...folders(
        "core/stores",
        "core/provider",
        "core/token",
        "core/session",
        "core/administration",
      ),
    ],
    types: [core],
  },
  [`${auth}/core/`]: { values: [/^node:crypto$/, ...folders("core")] },
  [`${auth}/http/handler/`]: {
    values: [/^node:crypto$/, ...folders("core", "http")],
  },
  [`${auth}/http/`]: {
    values: [
      /^node:crypto$/,
      /^ipaddr\.js$/,
      ...folders("core"),
      /^packages\/auth\/src\/http\/[^/]*$/,
    ],
  },
  [`${auth}/trpc/`]: {
    values: [
      /^node:stream\/promises$/,
      /^@trpc\/server(\/|$)/,
      ...folders("core", "http", "trpc"),
    ],
    types: [/^node:http$/],
  },
  [`${auth}/msal/`]: {
    values: [
      /^node:crypto$/,
      /^jose$/,
      /^@azure\/msal-node$/,
      ...folders("core", "msal"),
    ],
  },
  [`${auth}/drizzle/sqlite/`]: {
    values: [
      /^node:/,
      /^drizzle-orm(\/|$)/,
      ...folders("core", "drizzle/sqlite"),
      /^packages\/auth\/src\/drizzle\/[^/]*$/,
    ],
    types: [/^better-sqlite3$/],
  },
  [`${auth}/drizzle/postgres/`]: {
    values: [
      /^node:/,
      /^drizzle-orm(\/|$)/,
      ...folders("core", "drizzle/postgres"),
      /^packages\/auth\/src\/drizzle\/[^/]*$/,
    ],
    types: [/^pg$/],
  },
  [`${auth}/drizzle/`]: {
    values: [
      /^node:/,
      /^drizzle-orm(\/|$)/,
      ...folders("core"),
      /^packages\/auth\/src\/drizzle\/[^/]*$/,
    ],
    // Both databases have the row types of the SQLite tables.
    types: [/^packages\/auth\/src\/drizzle\/sqlite\/schema\.ts$/],
  },
  [`${auth}/environment/`]: {
    values: [/^node:/, ...folders("core", "msal", "http", "environment")],
    types: [/^better-sqlite3$/],
    hidden: [
      /^better-sqlite3$/,
      /^pg$/,
      /^@entrada\/auth\/drizzle\/(sqlite|postgres)$/,
    ],
  },
  [`${auth}/hosts/`]: {
    values: [
      /^next\/(headers|navigation)$/,
      ...folders("core", "http", "hosts"),
    ],
    types: [/^node:http$/, /^fastify$/, /^hono$/],
  },
  [`${auth}/testing/app/`]: {
    values: [
      /^node:/,
      /^@entrada\/entra-emulator$/,
      ...folders("core", "http", "testing"),
    ],
  },
  [`${auth}/testing/`]: {
    values: [/^node:/, /^jose$/, ...folders("core", "testing")],
  },
  [`${auth}/react/`]: {
    values: [...react, ...folders("react")],
    types: folders("core", "http", "trpc"),
  },
  [`${auth}/index.ts`]: { values: folders("core") },
  [`${auth}/http.ts`]: { values: folders("http") },
  [`${auth}/trpc.ts`]: { values: folders("trpc") },
  [`${auth}/msal.ts`]: { values: folders("msal") },
  [`${auth}/environment.ts`]: { values: folders("environment") },
  [`${auth}/node.ts`]: { values: folders("hosts") },
  [`${auth}/express.ts`]: { values: folders("hosts") },
  [`${auth}/fastify.ts`]: { values: folders("hosts") },
  [`${auth}/hono.ts`]: { values: folders("hosts") },
  [`${auth}/next.ts`]: { values: folders("hosts") },
  [`${auth}/testing.ts`]: { values: folders("testing") },
  [`${auth}/testing-emulator.ts`]: { values: folders("testing") },
  [`${auth}/drizzle-`]: { values: folders("drizzle") },
  [`${auth}/react.ts`]: { values: folders("react"), types: folders("core") },
  "packages/api/src/": {
    values: [
      /^@trpc\/server$/,
      /^@entrada\/auth\/trpc$/,
      /^zod$/,
      /^packages\/api\/src\//,
    ],
    types: [/^@entrada\/auth$/],
  },
  "packages/entra-emulator/src/": {
    values: [
      /^node:/,
      /^hono(\/|$)/,
      /^@hono\/node-server$/,
      /^jose$/,
      /^zod$/,
      /^packages\/entra-emulator\/src\//,
    ],
  },
  "apps/server/src/": {
    values: [
      /^(?!@entrada\/(entra-emulator|web)|apps\/|packages\/)/,
      /^apps\/server\/src\//,
    ],
  },
  "apps/web/src/": {
    values: [
      /^@entrada\/auth\/react$/,
      /^(?!@entrada\/|@trpc\/server|node:|apps\/|packages\/)/,
      /^apps\/web\/src\//,
    ],
    types: [/^@entrada\/(api|auth(\/(http|trpc|react))?)$/],
  },
};

/** Returns the part that the file belongs to. */
function partOf(file: string): string | undefined {
  return Object.keys(boundaries).find((part) => file.startsWith(part));
}

function describeTarget({ file, specifier }: ModuleImport): string {
  return file ?? specifier;
}

function listViolations(
  part: string,
  { values, types = [], hidden = [] }: Boundary,
  sources: readonly SourceModule[],
): readonly string[] {
  return sources
    .filter(({ file }) => partOf(file) === part)
    .flatMap(({ file, imports }) =>
      imports
        .filter((found) => {
          const allowed = [
            ...values,
            ...(found.isTypeOnly ? types : []),
            ...(found.isHidden ? hidden : []),
          ];
          return !allowed.some((pattern) =>
            pattern.test(describeTarget(found)),
          );
        })
        .map(
          (found) =>
            `${file} -> ${describeTarget(found)}${found.isTypeOnly ? " (type)" : ""}`,
        ),
    );
}

/** Returns the files of the first import cycle, type-only imports included. */
function findCircle(sources: readonly SourceModule[]): readonly string[] {
  const targets = new Map(
    sources.map(({ file, imports }) => [
      file,
      imports.flatMap((found) => found.file ?? []),
    ]),
  );
  const finished = new Set<string>();
  const visit = (file: string, path: readonly string[]): readonly string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (finished.has(file)) return [];
    for (const target of targets.get(file) ?? []) {
      const circle = visit(target, [...path, file]);
      if (circle.length > 0) return circle;
    }
    finished.add(file);
    return [];
  };
  return (
    sources
      .map(({ file }) => visit(file, []))
      .find((circle) => circle.length > 0) ?? []
  );
}

/** Returns the package or app that a file belongs to. */
function packageOf(file: string): string {
  return file.split("/").slice(0, 2).join("/");
}

function parse(text: string): SourceModule {
  return parseModule(`${auth}/core/sample.ts`, text);
}

function listFiles(
  matches: (module: SourceModule) => boolean,
): readonly string[] {
  return modules.filter(matches).map(({ file }) => file);
}

/** Returns the files of a dialect, without its name. */
function listDialectFiles(dialect: string): readonly string[] {
  const folder = `${auth}/drizzle/${dialect}/`;
  return listFiles(({ file }) => file.startsWith(folder))
    .map((file) => file.slice(folder.length))
    .toSorted();
}

describe("the monorepo", () => {
  it.each(Object.entries(boundaries))(
    "lets %s import only the layers below it",
    (part, boundary) => {
      expect(listFiles(({ file }) => partOf(file) === part)).not.toEqual([]);

      expect(listViolations(part, boundary, modules)).toEqual([]);
    },
  );

  it("has a boundary for every source file", () => {
    const unknown = listFiles(({ file }) => partOf(file) === undefined);

    expect(unknown).toEqual([]);
  });

  it("has at most fifteen source files in a folder", () => {
    const count = new Map<string, number>();
    for (const { file } of modules)
      count.set(dirname(file), (count.get(dirname(file)) ?? 0) + 1);

    expect([...count].filter(([, files]) => files > 15)).toEqual([]);
  });

  it("has no import cycles", () => {
    expect(findCircle(modules)).toEqual([]);
  });

  it("has the same files for SQLite and PostgreSQL", () => {
    expect(listDialectFiles("sqlite")).not.toEqual([]);
    expect(listDialectFiles("sqlite")).toEqual(listDialectFiles("postgres"));
  });

  it("imports MSAL only in msal/", () => {
    const files = listFiles(({ imports }) =>
      imports.some(({ specifier }) => specifier.startsWith("@azure/")),
    );

    expect(files.every((file) => file.startsWith(`${auth}/msal/`))).toBe(true);
    expect(files).not.toEqual([]);
  });

  it("does not import auth in the emulator, because a shared bug would stay hidden", () => {
    const files = listFiles(
      ({ file, imports }) =>
        file.startsWith("packages/entra-emulator/") &&
        imports.some((found) =>
          /entrada\/auth|packages\/auth/.test(describeTarget(found)),
        ),
    );

    expect(files).toEqual([]);
  });

  it("imports another package by its name, never by a path", () => {
    const leaving = modules.flatMap(({ file, imports }) =>
      imports
        .filter(
          (found) =>
            found.file !== undefined &&
            packageOf(found.file) !== packageOf(file),
        )
        .map(() => file),
    );

    expect(leaving).toEqual([]);
  });

  it("reads the environment only in one place of each package and program, for proxies, and in the tools for tests", () => {
    const files = listFiles(
      ({ file, readsEnvironment }) =>
        readsEnvironment && !file.startsWith("apps/web/"),
    );

    expect(files.toSorted()).toEqual([
      "apps/server/src/config/config.ts",
      "packages/auth/src/core/provider/provider-request.ts",
      "packages/auth/src/environment/composition.ts",
      "packages/auth/src/testing/app/emulator-server.ts",
      "packages/auth/src/testing/app/emulator-setup.ts",
      "packages/auth/src/testing/app/sign-in-as.ts",
      "packages/entra-emulator/src/cli.ts",
    ]);
  });

  it("imports no test framework in auth/testing", () => {
    const files = listFiles(({ imports }) =>
      imports.some(({ specifier }) =>
        /^(vitest|jest|@jest)(\/|$)/.test(specifier),
      ),
    );

    expect(files).toEqual([]);
  });
});

describe("this test", () => {
  it.each([
    'import { x } from "@azure/msal-node";',
    'import "@azure/msal-node";',
    'import * as x from "@azure/msal-node";',
    'import type { X } from "@azure/msal-node";',
    'export { x } from "@azure/msal-node";',
    'export * from "@azure/msal-node";',
    'export type { X } from "@azure/msal-node";',
    'const x = await import("@azure/msal-node");',
    'import { x } from "../msal/msal-client.js";',
    'import { x } from "../../../entra-emulator/src/index.js";',
  ])("detects the forbidden import %s", (text) => {
    const boundary = boundaries[`${auth}/core/`] ?? { values: [] };

    expect(
      listViolations(`${auth}/core/`, boundary, [parse(text)]),
    ).toHaveLength(1);
  });

  it.each([
    "process.env",
    "process.env.X",
    'process["env"]',
    'import { env } from "node:process";',
  ])("detects that %s reads the environment", (text) => {
    expect(parse(text).readsEnvironment).toBe(true);
  });

  it("distinguishes type imports from imports at run time", () => {
    const { imports } = parse(
      'import type { A } from "a"; import { type B } from "b"; import { type C, d } from "c"; import "e";',
    );

    expect(imports.map(({ isTypeOnly }) => isTypeOnly)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it("detects a driver import that bundlers would follow", () => {
    const part = `${auth}/environment/`;
    const boundary = boundaries[part] ?? { values: [] };
    const list = (text: string) =>
      listViolations(part, boundary, [parseModule(`${part}sample.ts`, text)]);

    expect(list('import { Pool } from "pg";')).toHaveLength(1);
    expect(list('const x = await import("pg");')).toHaveLength(1);
    expect(
      list(
        'await import(/* webpackIgnore: true */ /* turbopackIgnore: true */ "pg");',
      ),
    ).toEqual([]);
  });

  it("detects a cycle", () => {
    const one = parseModule(
      `${auth}/core/ports.ts`,
      'import { x } from "./error.js";',
    );
    const other = parseModule(
      `${auth}/core/error.ts`,
      'import type { X } from "./ports.js";',
    );

    expect(findCircle([one, other])).toEqual([one.file, other.file, one.file]);
  });
});
