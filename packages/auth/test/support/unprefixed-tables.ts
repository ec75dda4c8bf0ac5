import type { Migration } from "../../src/drizzle/migration.js";

const journals = {
  sqlite:
    "CREATE TABLE entrada_migration (tag TEXT PRIMARY KEY NOT NULL, applied_at INTEGER NOT NULL) STRICT",
  postgres:
    "CREATE TABLE entrada_migration (tag text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())",
};
const now = { sqlite: "1", postgres: "now()" };

/**
 * Returns the statements that create a database from before the table names had a prefix, with its journal up to the
 * last of the migrations.
 */
export function listUnprefixedStatements(
  dialect: "sqlite" | "postgres",
  migrations: readonly Migration[],
): readonly string[] {
  return [
    journals[dialect],
    ...migrations.flatMap(({ statements }) => statements.map(removePrefix)),
    ...migrations.map(
      ({ tag }) =>
        `INSERT INTO entrada_migration VALUES ('${tag}', ${now[dialect]})`,
    ),
  ];
}

/** Returns those of the migrations that are older than the prefix. */
export function listUnprefixedMigrations(
  migrations: readonly Migration[],
): readonly Migration[] {
  const first = migrations.findIndex(({ tag }) => tag.endsWith("_clients"));
  return migrations.slice(0, first);
}

// The audit trail was called auth_event from the beginning. The index of names was one of an expression.
function removePrefix(statement: string): string {
  return statement
    .replaceAll("{prefix}event", "auth_event")
    .replaceAll("{prefix}", "")
    .replace("`name` COLLATE NOCASE", 'lower("name")');
}
