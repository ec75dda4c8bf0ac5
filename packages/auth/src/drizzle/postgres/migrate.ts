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
import { transact, useConnection } from "./connection.js";
import { toStoreError } from "./error.js";
import { ask } from "./migration/query.js";
import { postgresMigrations } from "./migrations.js";
import { requireTables } from "./migration/require-tables.js";
import type { PostgresNames } from "./schema.js";
import { requireFree } from "./migration/taken-names.js";

/** What `migratePostgres` can be told; everything has a default. */
export interface PostgresMigrationOptions
  extends PostgresNames, MigratingClient {
  /** Set to `false` where the app's own migrations make the tables: nothing is changed then, only compared. */
  readonly migrate?: boolean | undefined;
}

/**
 * Brings the tables of this package up to date; does nothing if they are.
 *
 * All missing migrations are applied in one transaction that excludes every other: of several servers that start at
 * once, one migrates and the others wait for it, however short the pool's own timeouts are. What has been applied is
 * recorded in the table `auth_migration`. Without a `schema`, the tables go where the connection's `search_path` says; a
 * schema that does not exist is created. Tables of a version that gave them no prefix are renamed with their rows, unless
 * the prefix is another than the default.
 *
 * @throws {SchemaError} if a name is taken by something else, a newer version of this package has migrated the database,
 *   or, with `migrate: false`, something is missing.
 * @throws {AuthError} `store_unavailable` if the database does not answer or cannot be written.
 */
export async function migratePostgres(
  pool: Pool,
  { migrate = true, ...names }: PostgresMigrationOptions = {},
): Promise<void> {
  if (migrate) await applyMigrations(pool, postgresMigrations, names);
  else await begin(pool, (client) => compareTables(client, names));
}

/** Applies those of the migrations that the database lacks. */
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

// `entrada` as a number: nobody else's lock by accident.
const lockKey = 0x656e7472616461n;

async function applyMissing(
  client: PoolClient,
  migrations: readonly Migration[],
  place: Place,
): Promise<void> {
  const { prefix, schema, clientId } = place;
  await ask(client, "SET LOCAL statement_timeout = 0");
  await ask(client, "SET LOCAL lock_timeout = 0");
  await ask(client, "SELECT pg_advisory_xact_lock($1)", [String(lockKey)]);
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
  if ((await ask(client, users)).rows.length > 0) warnOfDroppedRows();
}

async function createSchemaIfMissing(
  client: PoolClient,
  schema: string,
): Promise<void> {
  const name = client.escapeIdentifier(schema);
  const { rows } = await ask(
    client,
    "SELECT WHERE to_regnamespace($1) IS NULL",
    [name],
  );
  if (rows.length > 0) await ask(client, `CREATE SCHEMA ${name}`);
}

async function enterSchema(client: PoolClient, schema: string): Promise<void> {
  const name = client.escapeIdentifier(schema);
  await ask(client, `SET LOCAL search_path = ${name}`);
}

async function readAppliedTags(
  client: PoolClient,
  prefix: string,
): Promise<readonly string[]> {
  const journal = `${prefix}migration`;
  if (!(await hasJournal(client, journal)))
    await createJournal(client, journal);
  const { rows } = await ask<{ readonly tag: string }>(
    client,
    `SELECT tag FROM ${journal}`,
  );
  return rows.map(({ tag }) => tag);
}

// Asked for first: who may only read and write rows can start a server on tables that are up to date.
async function hasJournal(
  client: PoolClient,
  journal: string,
): Promise<boolean> {
  const { rows } = await ask(
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
  await ask(
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
    await ask(client, fillClientId(fillPrefix(statement, prefix), clientId));
  await ask(client, `INSERT INTO ${prefix}migration (tag) VALUES ($1)`, [
    migration.tag,
  ]);
}
