import type { PoolClient } from "pg";

import { unprefixedTables } from "../../prefix.js";
import { runStatement } from "../connection.js";
import { requireFree } from "./taken-names.js";

/** Renames the tables and indexes of version 0.1, which had no prefix. */
export async function addPrefix(client: PoolClient): Promise<void> {
  const { rows } = await runStatement<{ readonly statement: string }>(
    client,
    listRenames,
    [unprefixedTables.join()],
  );
  if (rows.length === 0) return;
  await requireFree(
    client,
    unprefixedTables.map((table) => `auth_${table}`),
  );
  for (const { statement } of rows) await runStatement(client, statement);
}

// A primary key is renamed with its index. Indexes of the app keep their names. Partitions that apps/server/partition.sql
// created are renamed too.
const listRenames = `
  WITH journal AS (
    SELECT relnamespace FROM pg_class
    WHERE oid = to_regclass('entrada_migration') AND to_regclass('auth_migration') IS NULL
  ), tables AS (
    SELECT c.oid, relname FROM pg_class c JOIN journal USING (relnamespace)
    WHERE (relname = ANY(string_to_array($1, ',')) OR relname = 'entrada_migration') AND relkind IN ('r', 'p')
  ), ours AS (
    SELECT oid, relname FROM tables
    UNION ALL
    SELECT c.oid, c.relname FROM tables JOIN pg_inherits ON inhparent = tables.oid JOIN pg_class c ON c.oid = inhrelid
  )
  SELECT format('ALTER TABLE %s RENAME CONSTRAINT %I TO auth_session_user_id_auth_user_id_fk', ours.oid::regclass, conname) AS statement
  FROM ours JOIN pg_constraint ON conrelid = ours.oid WHERE conname = 'session_user_id_user_id_fk'
  UNION ALL
  SELECT format('ALTER INDEX %s RENAME TO %I', indexrelid::regclass, replace('auth_' || i.relname, 'auth_entrada_', 'auth_'))
  FROM ours JOIN pg_index ON indrelid = ours.oid JOIN pg_class i ON i.oid = indexrelid WHERE starts_with(i.relname, ours.relname || '_')
  UNION ALL
  SELECT format('ALTER TABLE %s RENAME TO %I', oid::regclass, replace('auth_' || relname, 'auth_entrada_', 'auth_')) FROM ours`;
