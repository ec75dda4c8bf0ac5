// Writes the SQL files that drizzle-kit made into a module, because a bundled application has no loose files to read.
import { readFileSync, writeFileSync } from "node:fs";

const folder = new URL("../drizzle/sqlite/", import.meta.url);
const target = new URL("../src/drizzle/sqlite-migrations.ts", import.meta.url);

writeFileSync(target, formatModule(readTags().map(formatMigration)));

function readTags() {
  const journal = JSON.parse(
    readFileSync(new URL("meta/_journal.json", folder), "utf8"),
  );
  return journal.entries.map((entry) => entry.tag);
}

function formatMigration(tag) {
  const text = readFileSync(new URL(`${tag}.sql`, folder), "utf8");
  const statements = text
    .split("--> statement-breakpoint")
    .map((statement) => statement.trim());
  const lines = statements.map(
    (statement) => `      ${JSON.stringify(statement)},`,
  );
  return [
    "  {",
    `    tag: ${JSON.stringify(tag)},`,
    "    statements: [",
    ...lines,
    "    ],",
    "  },",
  ].join("\n");
}

function formatModule(migrations) {
  return `// Generated from drizzle/sqlite by "pnpm generate". Do not edit.
import type { Migration } from "./migration.js";

/** Every migration of the SQLite tables, in order. */
export const sqliteMigrations: readonly Migration[] = [
${migrations.join("\n")}
];
`;
}
