import { createSchema, migratePostgres } from "@entrada/auth/drizzle/postgres";
import { drizzle } from "drizzle-orm/node-postgres";
import { Pool } from "pg";
import { startPostgresServer } from "../../../packages/auth/test/support/postgres-server.js";
import type { Contestants } from "./contestants.js";
import { load } from "./load.js";
import type { RowCounts } from "./rows.js";

const tables = createSchema();

// As in production: commits wait for the disk, and the data fits into memory.
const settings = {
  shared_buffers: "4GB",
  max_wal_size: "8GB",
  fsync: "on",
  full_page_writes: "on",
};

/** Starts a PostgreSQL server with an empty and a full database. */
export async function createPostgresContestants(
  counts: Readonly<Record<"empty" | "full", RowCounts>>,
): Promise<Contestants> {
  const server = await startPostgresServer(settings);
  const administration = new Pool({ connectionString: server.url() });
  for (const name of ["bench_empty", "bench_full"])
    await administration.query(`CREATE DATABASE ${name}`);
  await administration.end();
  await fill(server.url("bench_empty"), counts.empty);
  const sizes = await fill(server.url("bench_full"), counts.full);
  return {
    engine: "PostgreSQL",
    empty: server.url("bench_empty"),
    full: server.url("bench_full"),
    sizes,
    close: () => server.close(),
  };
}

async function fill(url: string, counts: RowCounts) {
  const pool = new Pool({ connectionString: url, max: 1 });
  const database = drizzle({ client: pool });
  await migratePostgres(pool);
  await load(
    {
      writeUsers: async (rows) =>
        void (await database.insert(tables.authUser).values(rows)),
      writeUserClients: async (rows) =>
        void (await database.insert(tables.authUserClient).values(rows)),
      writePartitions: async (rows) =>
        void (await database.insert(tables.authTokenCache).values(rows)),
      writeSessions: async (rows) =>
        void (await database.insert(tables.authSession).values(rows)),
      writeFlows: async (rows) =>
        void (await database.insert(tables.authFlow).values(rows)),
    },
    counts,
  );
  await pool.query("VACUUM ANALYZE");
  await pool.query("CHECKPOINT");
  const sizes = await readSizes(pool);
  await pool.end();
  return sizes;
}

async function readSizes(pool: Pool) {
  const { rows } = await pool.query<{
    table: string;
    rows: number;
    bytes: string;
    indexBytes: string;
  }>(
    `SELECT relname AS table, greatest(reltuples, 0)::float8 AS rows,
      pg_table_size(oid) AS bytes, pg_indexes_size(oid) AS "indexBytes"
    FROM pg_class WHERE relname = ANY('{auth_flow,auth_session,auth_user,auth_user_client,auth_token_cache}') ORDER BY relname`,
  );
  return rows.map(({ table, rows: count, bytes, indexBytes }) => ({
    table,
    rows: count,
    bytes: Number(bytes),
    indexBytes: Number(indexBytes),
  }));
}
