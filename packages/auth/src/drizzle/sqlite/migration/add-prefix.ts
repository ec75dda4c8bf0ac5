import type { Database } from "better-sqlite3";

import { unprefixedTables } from "../../prefix.js";
import { isTaken, requireFree } from "./taken-names.js";

/** Renames the tables and indexes of version 0.1, which had no prefix. */
export function addPrefix(database: Database): void {
  if (!isTaken(database, "entrada_migration")) return;
  if (isTaken(database, "auth_migration")) return;
  requireFree(
    database,
    unprefixedTables.map((table) => `auth_${table}`),
  );
  for (const table of unprefixedTables)
    if (isTaken(database, table)) renameTable(database, table);
  database.exec("ALTER TABLE entrada_migration RENAME TO auth_migration");
}

function renameTable(database: Database, table: string): void {
  database.exec(`ALTER TABLE "${table}" RENAME TO "auth_${table}"`);
  for (const { name, sql } of listIndexes(database, table)) {
    database.exec(`DROP INDEX "${name}"`);
    database.exec(
      sql
        .replace(name, `auth_${name}`)
        .replace('lower("name")', "`name` COLLATE NOCASE"),
    );
  }
}

interface Index {
  readonly name: string;
  readonly sql: string;
}

// Excludes indexes of the app.
function listIndexes(database: Database, table: string): readonly Index[] {
  return database
    .prepare<[string, string], Index>(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL AND instr(name, ?) = 1",
    )
    .all(`auth_${table}`, `${table}_`);
}
