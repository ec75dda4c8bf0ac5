// Writes the SQL files of drizzle-kit into modules, because a bundled application cannot read separate files. The files
// contain the default prefix of the table names; in the modules it is replaced by a placeholder.
import { readFileSync, writeFileSync } from "node:fs";

const databases = [
  { folder: "sqlite", name: "SQLite" },
  { folder: "postgres", name: "PostgreSQL" },
];

for (const database of databases) embed(database);

function embed({ folder, name }) {
  const source = new URL(`../drizzle/${folder}/`, import.meta.url);
  const target = new URL(
    `../src/drizzle/${folder}/migrations.ts`,
    import.meta.url,
  );
  const migrations = readTags(source).map((tag) =>
    formatMigration(source, tag),
  );
  writeFileSync(target, formatModule(folder, name, migrations));
}

function readTags(source) {
  const journal = JSON.parse(
    readFileSync(new URL("meta/_journal.json", source), "utf8"),
  );
  return journal.entries.map((entry) => entry.tag);
}

function formatMigration(source, tag) {
  const text = readFileSync(new URL(`${tag}.sql`, source), "utf8");
  const statements = text
    .split("--> statement-breakpoint")
    .map((statement) => replacePrefix(statement.trim()));
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

// Replaces only quoted names, so hand-written statements must quote their names.
function replacePrefix(statement) {
  return statement.replaceAll(/(["`])\w+\1/g, (name) =>
    name.replaceAll("auth_", "{prefix}"),
  );
}

function formatModule(folder, name, migrations) {
  return `// Generated from drizzle/${folder} by "pnpm generate". Do not edit.
import type { Migration } from "../migration.js";

/** Every migration of the ${name} tables, in order. */
export const ${folder}Migrations: readonly Migration[] = [
${migrations.join("\n")}
];
`;
}
