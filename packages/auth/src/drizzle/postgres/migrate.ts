import type { Pool, PoolClient } from "pg";

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
import { runStatement, transact, useConnection } from "./connection.js";
import { toStoreError } from "./error.js";
import { postgresMigrations } from "./migrations.js";
import { requireTables } from "./migration/require-tables.js";
import type { PostgresNames } from "./schema.js";
import { requireFree } from "./migration/taken-names.js";

/** The options of `migratePostgres`; all have defaults. */
export interface PostgresMigrationOptions
  extends PostgresNames, MigratingClient {
  /** `false` if the app's own migrations create the tables: the tables are then compared and not changed. */
  readonly migrate?: boolean | undefined;
}

/**
 * Applies the missing migrations of this package.
 *
 * They are applied in one transaction under a lock: if several servers start at once, one migrates and the others wait for
 * it, regardless of the pool's timeouts. Applied migrations are recorded in the table `auth_migration`. Without a `schema`,
 * the tables are created in the first schema of the connection's `search_path`; a missing schema is created. With the
 * default prefix, tables of version 0.1, which had no prefix, are renamed with their rows.
 *
 * @throws {SchemaError} if a name is taken by something else, a newer version of this package has migrated the database,
 *   or, with `migrate: false`, a part is missing.
 * @throws {AuthError} `store_unavailable` if the database does not respond or cannot be written.
 */
export async function migratePostgres(
  pool: Pool,
  { migrate = true, ...names }: PostgresMigrationOptions = {},
): Promise<void> {
  if (migrate) await applyMigrations(pool, postgresMigrations, names);
  else await begin(pool, (client) => compareTables(client, names));
}

/** Applies the missing migrations. */
export async function applyMigrations(
  pool: Pool,
  migrations: readonly Migration[],
  {
    prefix = defaultPrefix,
    schema,
    clientId,
  }: PostgresNames & MigratingClient = {},
): Promise<void> {
  const place = { prefix: requirePrefix(prefix), schema, clientId };
  await begin(pool, (client) => applyMissing(client, migrations, place));
}

async function begin(
  pool: Pool,
  act: (client: PoolClient) => Promise<void>,
): Promise<void> {
  try {
    await useConnection(pool, (connection) =>
      transact(connection, () => act(connection.client)),
    );
  } catch (error) {
    throw toStoreError(error);
  }
}

async function compareTables(
  client: PoolClient,
  names: PostgresNames,
): Promise<void> {
  if (names.schema !== undefined) await enterSchema(client, names.schema);
  await requireTables(client, names);
}

interface Place {
  readonly prefix: string;
  readonly schema: string | undefined;
  readonly clientId: string | undefined;
}

// `entrada` as a number, so that it does not collide with other locks.
const lockKey = 0x656e7472616461n;

async function applyMissing(
  client: PoolClient,
  migrations: readonly Migration[],
  place: Place,
): Promise<void> {
  const { prefix, schema, clientId } = place;
  await runStatement(client, "SET LOCAL statement_timeout = 0");
  await runStatement(client, "SET LOCAL lock_timeout = 0");
  await runStatement(client, "SELECT pg_advisory_xact_lock($1)", [
    String(lockKey),
  ]);
  if (schema !== undefined) {
    await createSchemaIfMissing(client, schema);
    await enterSchema(client, schema);
  }
  if (prefix === defaultPrefix) await addPrefix(client);
  const applied = await readAppliedTags(client, prefix);
  const missing = listMissing(applied, migrations);
  await requireFree(client, listNewNames(migrations, missing, prefix));
  for (const migration of missing) await apply(client, migration, place);
  if (clientId !== undefined || !needsClientId(missing)) return;
  const users = `SELECT FROM ${prefix}user_client LIMIT 1`;
  if ((await runStatement(client, users)).rows.length > 0) warnOfDroppedRows();
}

async function createSchemaIfMissing(
  client: PoolClient,
  schema: string,
): Promise<void> {
  const name = client.escapeIdentifier(schema);
  const { rows } = await runStatement(
    client,
    "SELECT WHERE to_regnamespace($1) IS NULL",
    [name],
  );
  if (rows.length > 0) await runStatement(client, `CREATE SCHEMA ${name}`);
}

async function enterSchema(client: PoolClient, schema: string): Promise<void> {
  const name = client.escapeIdentifier(schema);
  await runStatement(client, `SET LOCAL search_path = ${name}`);
}

async function readAppliedTags(
  client: PoolClient,
  prefix: string,
): Promise<readonly string[]> {
  const journal = `${prefix}migration`;
  if (!(await hasJournal(client, journal)))
    await createJournal(client, journal);
  const { rows } = await runStatement<{ readonly tag: string }>(
    client,
    `SELECT tag FROM ${journal}`,
  );
  return rows.map(({ tag }) => tag);
}

// Read first, so that a role that can only read and write rows can start a server on tables that are up to date.
async function hasJournal(
  client: PoolClient,
  journal: string,
): Promise<boolean> {
  const { rows } = await runStatement(
    client,
    "SELECT FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = 'tag'",
    [journal],
  );
  return rows.length > 0;
}

async function createJournal(
  client: PoolClient,
  journal: string,
): Promise<void> {
  await requireFree(client, [journal]);
  await runStatement(
    client,
    `CREATE TABLE ${journal} (tag text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`,
  );
}

async function apply(
  client: PoolClient,
  migration: Migration,
  { prefix, clientId }: Place,
): Promise<void> {
  for (const statement of migration.statements)
    await runStatement(
      client,
      fillClientId(fillPrefix(statement, prefix), clientId),
    );
  await runStatement(
    client,
    `INSERT INTO ${prefix}migration (tag) VALUES ($1)`,
    [migration.tag],
  );
}
