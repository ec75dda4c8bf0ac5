import type { Pool, PoolClient, QueryResult, QueryResultRow } from "pg";

import { listMissing } from "../migration.js";
import type { Migration } from "../migration.js";
import { transact, useConnection } from "./connection.js";
import { toStoreError } from "./error.js";
import { postgresMigrations } from "./migrations.js";

/**
 * Brings the tables of this package up to date; does nothing if they are.
 *
 * All missing migrations are applied in one transaction that excludes every other: of several servers that start at
 * once, one migrates and the others wait for it, however short the pool's own timeouts are. What has been applied is
 * recorded in the table `entrada_migration`. The tables go where the connection's `search_path` says.
 *
 * @throws {Error} if a newer version of this package has migrated the database.
 * @throws {AuthError} `store_unavailable` if the database does not answer or cannot be written.
 */
export async function migratePostgres(pool: Pool): Promise<void> {
  await applyMigrations(pool, postgresMigrations);
}

/** Applies those of the migrations that the database lacks. */
export async function applyMigrations(
  pool: Pool,
  migrations: readonly Migration[],
): Promise<void> {
  try {
    await useConnection(pool, (connection) =>
      transact(connection, () => applyMissing(connection.client, migrations)),
    );
  } catch (error) {
    throw toStoreError(error);
  }
}

// `entrada` as a number: nobody else's lock by accident.
const lockKey = 0x656e7472616461n;

async function applyMissing(
  client: PoolClient,
  migrations: readonly Migration[],
): Promise<void> {
  await ask(client, "SET LOCAL statement_timeout = 0");
  await ask(client, "SET LOCAL lock_timeout = 0");
  await ask(client, "SELECT pg_advisory_xact_lock($1)", [String(lockKey)]);
  const missing = listMissing(await readAppliedTags(client), migrations);
  for (const migration of missing) await apply(client, migration);
}

async function readAppliedTags(client: PoolClient): Promise<readonly string[]> {
  await createRecord(client);
  const { rows } = await ask<{ readonly tag: string }>(
    client,
    "SELECT tag FROM entrada_migration",
  );
  return rows.map(({ tag }) => tag);
}

// Asked for first: who may only read and write rows can start a server on tables that are up to date.
async function createRecord(client: PoolClient): Promise<void> {
  const { rows } = await ask(
    client,
    "SELECT WHERE to_regclass('entrada_migration') IS NULL",
  );
  if (rows.length === 0) return;
  await ask(
    client,
    "CREATE TABLE entrada_migration (tag text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())",
  );
}

async function apply(client: PoolClient, migration: Migration): Promise<void> {
  for (const statement of migration.statements) await ask(client, statement);
  await ask(client, "INSERT INTO entrada_migration (tag) VALUES ($1)", [
    migration.tag,
  ]);
}

/** The most that a timer of Node's takes: 24 days. */
const longestMilliseconds = 2 ** 31 - 1;

// Besides PostgreSQL's own limits the driver has one, after which it would leave a migration that takes long.
function ask<Row extends QueryResultRow>(
  client: PoolClient,
  text: string,
  values: readonly string[] = [],
): Promise<QueryResult<Row>> {
  const query = {
    text,
    values: [...values],
    query_timeout: longestMilliseconds,
  };
  return client.query<Row>(query);
}
