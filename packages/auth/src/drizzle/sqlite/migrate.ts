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

/** What `migrateSqlite` can be told; everything has a default. */
export interface SqliteMigrationOptions extends SqliteNames, MigratingClient {
  /** Set to `false` where the app's own migrations make the tables: nothing is changed then, only compared. */
  readonly migrate?: boolean | undefined;
}

/**
 * Brings the tables of this package up to date; does nothing if they are.
 *
 * All missing migrations are applied in one transaction that excludes other writers: of several processes that start at
 * once, one migrates and the others wait for it, as long as the connection's `timeout` allows. What has been applied is
 * recorded in the table `auth_migration`. Tables of a version that gave them no prefix are renamed with their rows, unless
 * the prefix is another than the default.
 *
 * @throws {SchemaError} if a name is taken by something else, a newer version of this package has migrated the database,
 *   or, with `migrate: false`, something is missing.
 * @throws {AuthError} `store_unavailable` if the database cannot be written.
 */
export function migrateSqlite(
  database: Database,
  { migrate = true, ...names }: SqliteMigrationOptions = {},
): void {
  if (migrate) applyMigrations(database, sqliteMigrations, names);
  else attempt(() => requireTables(database, names));
}

/** Applies those of the migrations that the database lacks. */
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

// SQLite alters a table by rebuilding it, and dropping the old one would delete what refers to it. Foreign keys can be
// switched off only outside a transaction (https://sqlite.org/lang_altertable.html#otheralter).
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

// Of the app's own tables, only what refers to ours.
function requireIntactReferences(database: Database, prefix: string): void {
  const broken = database
    .prepare(
      `SELECT 1 FROM pragma_foreign_key_check WHERE instr("table", ?) = 1 OR instr(parent, ?) = 1`,
    )
    .all(prefix, prefix);
  if (broken.length > 0)
    throw new Error(
      "The migration would leave rows that refer to nothing. Nothing was changed.",
    );
}
