import type { Migration } from "../../src/drizzle/migration.js";

/**
 * Returns the statements that made a database before the names of the tables had a prefix, with its journal up to the last
 * of the migrations.
 */
export function listUnprefixedStatements(
  migrations: readonly Migration[],
): readonly string[] {
  return [
    "CREATE TABLE entrada_migration (tag text PRIMARY KEY NOT NULL, applied_at bigint NOT NULL DEFAULT 1)",
    ...migrations.flatMap(({ statements }) => statements.map(removePrefix)),
    ...migrations.map(
      ({ tag }) => `INSERT INTO entrada_migration (tag) VALUES ('${tag}')`,
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

// The audit trail was called auth_event from the beginning.
function removePrefix(statement: string): string {
  return statement
    .replaceAll("{prefix}event", "auth_event")
    .replaceAll("{prefix}", "");
}
