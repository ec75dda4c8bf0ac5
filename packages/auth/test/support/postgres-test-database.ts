import { randomBytes } from "node:crypto";
import { Client, Pool } from "pg";
import type { PoolConfig } from "pg";
import { inject } from "vitest";

/** A separate PostgreSQL database for one test or one test file. */
export interface PostgresTestDatabase {
  readonly url: string;
  readonly pool: Pool;
  /** Opens another pool, which is closed with the database. */
  openPool(config?: PoolConfig): Pool;
  /** Removes all rows, including those of the audit trail. */
  empty(): Promise<void>;
  close(): Promise<void>;
}

/** Creates a database with the tables of this package, on the server of `postgres-setup.ts`. */
export function openMigratedPostgresDatabase(): Promise<PostgresTestDatabase> {
  return open(`TEMPLATE ${inject("postgres").template}`);
}

/** Creates a database without tables. */
export function openPostgresDatabase(): Promise<PostgresTestDatabase> {
  return open("TEMPLATE template0");
}

async function open(options: string): Promise<PostgresTestDatabase> {
  const name = `entrada_test_${randomBytes(6).toString("hex")}`;
  await administer(`CREATE DATABASE ${name} ${options}`);
  const url = toUrl(name);
  const pools: Pool[] = [];
  const openPool = (config: PoolConfig = {}) => {
    const pool = new Pool({ connectionString: url, ...config });
    pools.push(pool);
    return pool;
  };
  const pool = openPool();
  return {
    url,
    pool,
    openPool,
    empty: () => empty(pool),
    async close() {
      for (const each of pools) if (!each.ended) await each.end();
      await administer(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

// The audit trail's trigger must be disabled to delete its rows. That invalidates all query plans, so it is done only
// if there are rows.
async function empty(pool: Pool): Promise<void> {
  await pool.query(
    `DELETE FROM auth_user; DELETE FROM auth_flow; DELETE FROM auth_token_cache; DELETE FROM auth_rate_limit; DELETE FROM auth_lease;
    DO $$ BEGIN
      IF EXISTS (SELECT FROM auth_event) THEN
        ALTER TABLE auth_event DISABLE TRIGGER USER;
        DELETE FROM auth_event;
        ALTER TABLE auth_event ENABLE TRIGGER USER;
      END IF;
    END $$`,
  );
}

async function administer(statement: string): Promise<void> {
  const client = new Client({ connectionString: inject("postgres").url });
  await client.connect();
  await client.query(statement);
  await client.end();
}

function toUrl(database: string): string {
  const { url } = inject("postgres");
  return Object.assign(new URL(url), { pathname: database }).href;
}
