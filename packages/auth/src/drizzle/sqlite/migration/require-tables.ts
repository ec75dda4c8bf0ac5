import type { Database } from "better-sqlite3";
import { getTableConfig } from "drizzle-orm/sqlite-core";

import { requireParts } from "../../missing-parts.js";
import { createSchema } from "../schema.js";
import type { SqliteNames } from "../schema.js";
import { formatTriggers } from "./triggers.js";

/**
 * Compares the tables that the app's own migrations created with the tables that this version needs.
 *
 * @throws {SchemaError} if tables, columns, indexes or triggers are missing; the message lists them.
 */
export function requireTables(database: Database, names: SqliteNames): void {
  const { authMigration: _, ...tables } = createSchema(names);
  const found = database.prepare<[], string>(listParts).pluck().all();
  requireParts(
    Object.values(tables).map((table) => getTableConfig(table)),
    formatTriggers(names).split("--> statement-breakpoint"),
    new Set(found),
  );
}

const listParts = `
  SELECT iif(sql LIKE 'CREATE UNIQUE%', 'unique ', '') || type || ' ' || name FROM sqlite_schema
  UNION ALL
  SELECT 'column ' || tables.name || '.' || columns.name || ' ' || lower(columns.type)
  FROM sqlite_schema AS tables JOIN pragma_table_info(tables.name) AS columns WHERE tables.type = 'table'`;
