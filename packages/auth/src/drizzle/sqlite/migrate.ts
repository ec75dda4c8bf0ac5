import type { Database } from "better-sqlite3";

import {
  fillClientId,
  fillPrefix,
  listMissing,
  listNewNames,
  needsClientId,
  warnOfDroppedRows,
} from "../migration.js";
import type { MigratingClient, Migration } from "../migration.js";
import { defaultPrefix, requirePrefix } from "../prefix.js";
import { addPrefix } from "./migration/add-prefix.js";
import { attempt } from "./error.js";
import { sqliteMigrations } from "./migrations.js";
import { requireTables } from "./migration/require-tables.js";
import type { SqliteNames } from "./schema.js";
import { requireFree } from "./migration/taken-names.js";

/** The options of `migrateSqlite`; all have defaults. */
export interface SqliteMigrationOptions extends SqliteNames, MigratingClient {
  /** `false` if the app's own migrations create the tables: the tables are then compared and not changed. */
  readonly migrate?: boolean | undefined;
}

/**
 * Applies the missing migrations of this package.
 *
 * They are applied in one transaction that excludes other writers: if several processes start at once, one migrates and the
 * others wait for it, at most for the connection's `timeout`. Applied migrations are recorded in the table
 * `auth_migration`. With the default prefix, tables of version 0.1, which had no prefix, are renamed with their rows.
 *
 * @throws {SchemaError} if a name is taken by something else, a newer version of this package has migrated the database,
 *   or, with `migrate: false`, a part is missing.
 * @throws {AuthError} `store_unavailable` if the database cannot be written.
 */
export function migrateSqlite(
  database: Database,
  { migrate = true, ...names }: SqliteMigrationOptions = {},
): void {
  if (migrate) applyMigrations(database, sqliteMigrations, names);
  else attempt(() => requireTables(database, names));
}

/** Applies the missing migrations. */
export function applyMigrations(
  database: Database,
  migrations: readonly Migration[],
  { prefix = defaultPrefix, clientId }: SqliteNames & MigratingClient = {},
): void {
  const names = { prefix: requirePrefix(prefix), clientId };
  attempt(() =>
    withoutForeignKeys(database, () =>
      applyMissing(database, migrations, names),
    ),
  );
}

// SQLite alters a table by rebuilding it. Dropping the old table would delete the rows that refer to it. Foreign keys can be
// disabled only outside a transaction (https://sqlite.org/lang_altertable.html#otheralter).
function withoutForeignKeys(database: Database, migrate: () => void): void {
  const enforced = database.pragma("foreign_keys", { simple: true }) === 1;
  database.pragma("foreign_keys = OFF");
  try {
    database.transaction(migrate).immediate();
  } finally {
    if (database.open)
      database.pragma(`foreign_keys = ${enforced ? "ON" : "OFF"}`);
  }
}

function applyMissing(
  database: Database,
  migrations: readonly Migration[],
  names: Names,
): void {
  const { prefix, clientId } = names;
  if (prefix === defaultPrefix) addPrefix(database);
  const missing = listMissing(readAppliedTags(database, prefix), migrations);
  requireFree(database, listNewNames(migrations, missing, prefix));
  for (const migration of missing) apply(database, migration, names);
  if (missing.length > 0) requireIntactReferences(database, prefix);
  if (
    clientId === undefined &&
    needsClientId(missing) &&
    database.prepare(`SELECT 1 FROM ${prefix}user_client`).get() !== undefined
  )
    warnOfDroppedRows();
}

interface Names {
  readonly prefix: string;
  readonly clientId: string | undefined;
}

function readAppliedTags(
  database: Database,
  prefix: string,
): readonly string[] {
  const journal = `${prefix}migration`;
  if (!hasColumn(database, journal, "tag")) {
    requireFree(database, [journal]);
    database.exec(
      `CREATE TABLE ${journal} (tag TEXT PRIMARY KEY NOT NULL, applied_at INTEGER NOT NULL) STRICT`,
    );
  }
  return database
    .prepare<[], string>(`SELECT tag FROM ${journal}`)
    .pluck()
    .all();
}

function hasColumn(database: Database, table: string, column: string): boolean {
  return (
    database
      .prepare("SELECT 1 FROM pragma_table_info(?) WHERE name = ?")
      .get(table, column) !== undefined
  );
}

function apply(
  database: Database,
  migration: Migration,
  { prefix, clientId }: Names,
): void {
  for (const statement of migration.statements)
    database.exec(fillClientId(fillPrefix(statement, prefix), clientId));
  database
    .prepare(
      `INSERT INTO ${prefix}migration (tag, applied_at) VALUES (?, CAST(unixepoch('subsec') * 1000 AS INTEGER))`,
    )
    .run(migration.tag);
}

// Checks the app's own tables only for references to ours.
function requireIntactReferences(database: Database, prefix: string): void {
  const broken = database
    .prepare(
      `SELECT 1 FROM pragma_foreign_key_check WHERE instr("table", ?) = 1 OR instr(parent, ?) = 1`,
    )
    .all(prefix, prefix);
  if (broken.length > 0)
    throw new Error(
      "The migration would leave rows with broken references. Nothing was changed.",
    );
}
