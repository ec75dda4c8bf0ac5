import type { Database } from "better-sqlite3";

import { requireNoneTaken } from "../../migration.js";

/** @throws {SchemaError} if the database already uses any of the names; the message lists them. */
export function requireFree(
  database: Database,
  names: readonly string[],
): void {
  requireNoneTaken(names.filter((name) => isTaken(database, name)));
}

/** Returns whether a table, index, view or trigger has the name. */
export function isTaken(database: Database, name: string): boolean {
  const query = "SELECT 1 FROM sqlite_schema WHERE name = ?";
  return database.prepare(query).get(name) !== undefined;
}
