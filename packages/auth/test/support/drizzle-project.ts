import { execFile } from "node:child_process";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The folder of an app that creates its tables with drizzle-kit. */
export interface DrizzleProject {
  /** Runs drizzle-kit without a prompt, and returns its output. */
  run(command: "generate" | "push"): Promise<string>;
  /** Returns the SQL of all generated migrations. */
  readMigrations(): string;
  close(): void;
}

const packageFolder = fileURLToPath(new URL("../../", import.meta.url));
const names =
  "authEvent, authFlow, authLease, authMigration, authRateLimit, authSession, authTokenCache, authUser, authUserClient";

/** Creates the folder. Its schema has all tables of this package and those of `ownTables`. */
export function createDrizzleProject(
  dialect: "sqlite" | "postgresql",
  url: string,
  options: { readonly prefix?: string; readonly schema?: string },
  ownTables: string,
): DrizzleProject {
  const folder = mkdtempSync(join(tmpdir(), "entrada-drizzle-"));
  const source = join(
    packageFolder,
    "src",
    "drizzle",
    dialect === "sqlite" ? "sqlite" : "postgres",
    "schema.ts",
  );
  symlinkSync(
    join(packageFolder, "node_modules"),
    join(folder, "node_modules"),
  );
  writeFileSync(
    join(folder, "schema.ts"),
    `import { createSchema } from ${JSON.stringify(source)};
export const { ${dialect === "sqlite" ? names : `authSchema, ${names}`} } = createSchema(${JSON.stringify(options)});
${ownTables}`,
  );
  const { schema = "public" } = options;
  writeFileSync(
    join(folder, "drizzle.config.json"),
    JSON.stringify({
      dialect,
      schema: "./schema.ts",
      out: "./migrations",
      dbCredentials: { url },
      schemaFilter: ["public", schema],
      verbose: true,
    }),
  );
  return {
    async run(command) {
      const bin = join(packageFolder, "node_modules", "drizzle-kit", "bin.cjs");
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [bin, command],
        { cwd: folder },
      );
      return stdout;
    },
    readMigrations() {
      const files = readdirSync(join(folder, "migrations")).filter((name) =>
        name.endsWith(".sql"),
      );
      return files
        .toSorted()
        .map((name) => readFileSync(join(folder, "migrations", name), "utf8"))
        .join(";\n");
    },
    close: () => rmSync(folder, { recursive: true }),
  };
}
