import type { Pool, PoolClient } from "pg";

import {
  fillClientId,
  listMissing,
  needsClientId,
  warnOfDroppedRows,
} from "../migration.js";
import type { MigratingClient, Migration } from "../migration.js";
import { defaultPrefix, fillPrefix, requirePrefix } from "../prefix.js";
import { addPrefix } from "./add-prefix.js";
import { transact, useConnection } from "./connection.js";
import { toStoreError } from "./error.js";
import { ask } from "./migration-query.js";
import { postgresMigrations } from "./migrations.js";
import type { PostgresNames } from "./schema.js";

/**
 * Brings the tables of this package up to date; does nothing if they are.
 *
 * All missing migrations are applied in one transaction that excludes every other: of several servers that start at
 * once, one migrates and the others wait for it, however short the pool's own timeouts are. What has been applied is
 * recorded in the table `auth_migration`. Without a `schema`, the tables go where the connection's `search_path` says; a
 * schema that does not exist is created. Tables of a version that gave them no prefix are renamed with their rows, unless
 * the prefix is another than the default.
 *
 * @throws {Error} if a newer version of this package has migrated the database.
 * @throws {AuthError} `store_unavailable` if the database does not answer or cannot be written.
 */
export async function migratePostgres(
  pool: Pool,
  options: PostgresNames & MigratingClient = {},
): Promise<void> {
  await applyMigrations(pool, postgresMigrations, options);
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
  try {
    await useConnection(pool, (connection) =>
      transact(connection, () =>
        applyMissing(connection.client, migrations, place),
      ),
    );
  } catch (error) {
    throw toStoreError(error);
  }
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
  if (schema !== undefined) await enterSchema(client, schema);
  if (prefix === defaultPrefix) await addPrefix(client);
  const applied = await readAppliedTags(client, prefix);
  const missing = listMissing(applied, migrations);
  for (const migration of missing) await apply(client, migration, place);
  if (clientId !== undefined || !needsClientId(missing)) return;
  const users = `SELECT FROM ${prefix}user_client LIMIT 1`;
  if ((await ask(client, users)).rows.length > 0) warnOfDroppedRows();
}

async function enterSchema(client: PoolClient, schema: string): Promise<void> {
  const name = client.escapeIdentifier(schema);
  const { rows } = await ask(
    client,
    "SELECT WHERE to_regnamespace($1) IS NULL",
    [name],
  );
  if (rows.length > 0) await ask(client, `CREATE SCHEMA ${name}`);
  await ask(client, `SET LOCAL search_path = ${name}`);
}

async function readAppliedTags(
  client: PoolClient,
  prefix: string,
): Promise<readonly string[]> {
  await createJournal(client, prefix);
  const { rows } = await ask<{ readonly tag: string }>(
    client,
    `SELECT tag FROM ${prefix}migration`,
  );
  return rows.map(({ tag }) => tag);
}

// Asked for first: who may only read and write rows can start a server on tables that are up to date.
async function createJournal(
  client: PoolClient,
  prefix: string,
): Promise<void> {
  const { rows } = await ask(
    client,
    `SELECT WHERE to_regclass('${prefix}migration') IS NULL`,
  );
  if (rows.length === 0) return;
  await ask(
    client,
    `CREATE TABLE ${prefix}migration (tag text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`,
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
