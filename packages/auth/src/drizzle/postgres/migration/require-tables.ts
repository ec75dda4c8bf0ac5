import { getTableConfig } from "drizzle-orm/pg-core";
import type { PoolClient } from "pg";

import { requireParts } from "../../missing-parts.js";
import { runStatement } from "../connection.js";
import { createSchema } from "../schema.js";
import type { PostgresNames } from "../schema.js";
import { formatTriggers } from "./triggers.js";

/**
 * Compares the tables that the app's own migrations created with the tables that this version needs.
 *
 * @throws {SchemaError} if tables, columns, indexes or triggers are missing; the message lists them.
 */
export async function requireTables(
  client: PoolClient,
  names: PostgresNames,
): Promise<void> {
  const { authMigration: _, authSchema: __, ...tables } = createSchema(names);
  const { rows } = await runStatement<{ readonly part: string }>(
    client,
    listParts,
  );
  requireParts(
    Object.values(tables).map((table) => getTableConfig(table)),
    formatTriggers(names).split("--> statement-breakpoint"),
    new Set(rows.map(({ part }) => part)),
  );
}

const listParts = `
  WITH tables AS (
    SELECT oid, relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
  )
  SELECT 'table ' || relname AS part FROM tables
  UNION ALL
  SELECT format('column %s.%s %s', relname, attname, format_type(atttypid, atttypmod))
  FROM tables JOIN pg_attribute ON attrelid = tables.oid WHERE attnum > 0 AND NOT attisdropped
  UNION ALL
  SELECT format('%sindex %s', CASE WHEN indisunique THEN 'unique ' END, i.relname)
  FROM tables JOIN pg_index ON indrelid = tables.oid JOIN pg_class i ON i.oid = indexrelid
  UNION ALL
  SELECT format('trigger %s', tgname) FROM tables JOIN pg_trigger ON tgrelid = tables.oid`;
