import { createSchema, migratePostgres } from "@entrada/auth/drizzle/postgres";
import { drizzle } from "drizzle-orm/node-postgres";
import { Pool } from "pg";
import { startPostgresServer } from "../../../../packages/auth/test/support/postgres-server.js";
import type { Databases } from "./databases.js";
import { fill } from "./fill.js";
import type { RowCounts } from "./rows.js";

const tables = createSchema();

// As in production: commits wait for the disk, and the data fits into memory.
const settings = {
  shared_buffers: "4GB",
  max_wal_size: "8GB",
  fsync: "on",
  full_page_writes: "on",
};

/** Starts a PostgreSQL server with two databases. Their addresses are URLs. */
export async function createPostgresDatabases(
  few: RowCounts,
  many: RowCounts,
): Promise<Databases> {
  const server = await startPostgresServer(settings);
  const administration = new Pool({ connectionString: server.url() });
  for (const name of ["bench_few", "bench_many"])
    await administration.query(`CREATE DATABASE ${name}`);
  await administration.end();
  const urls = { few: server.url("bench_few"), many: server.url("bench_many") };
  await fillPostgres(urls.few, few);
  await fillPostgres(urls.many, many);
  return { ...urls, close: () => server.close() };
}

async function fillPostgres(url: string, counts: RowCounts): Promise<void> {
  const pool = new Pool({ connectionString: url, max: 1 });
  const database = drizzle({ client: pool });
  await migratePostgres(pool);
  await fill(
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
      writeRateLimits: async (rows) =>
        void (await database.insert(tables.authRateLimit).values(rows)),
      writeEvents: async (rows) =>
        void (await database.insert(tables.authEvent).values(rows)),
    },
    counts,
  );
  await pool.query("VACUUM ANALYZE");
  await pool.query("CHECKPOINT");
  await pool.end();
}
