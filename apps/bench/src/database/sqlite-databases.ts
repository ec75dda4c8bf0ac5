import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSchema, migrateSqlite } from "@entrada/auth/drizzle/sqlite";
import Database from "better-sqlite3";
import { drizzle } from "drizzle-orm/better-sqlite3";
import type { Databases } from "./databases.js";
import { fill } from "./fill.js";
import type { RowCounts } from "./rows.js";

const tables = createSchema();

/** Creates two SQLite databases. Their addresses are paths. */
export async function createSqliteDatabases(
  few: RowCounts,
  many: RowCounts,
): Promise<Databases> {
  const folder = await mkdtemp(join(tmpdir(), "entrada-growth-"));
  const paths = { few: join(folder, "few.db"), many: join(folder, "many.db") };
  await fillSqlite(paths.few, few);
  await fillSqlite(paths.many, many);
  return { ...paths, close: () => rm(folder, { recursive: true }) };
}

/** Creates a SQLite database with these rows. */
export async function fillSqlite(
  path: string,
  counts: RowCounts,
): Promise<void> {
  const client = new Database(path);
  // Only for filling: these settings are not stored in the file.
  client.pragma("journal_mode = OFF");
  client.pragma("synchronous = OFF");
  client.pragma("cache_size = -1000000");
  migrateSqlite(client);
  const database = drizzle({ client });
  await fill(
    {
      writeUsers: async (rows) =>
        void database.insert(tables.authUser).values(rows).run(),
      writeUserClients: async (rows) =>
        void database.insert(tables.authUserClient).values(rows).run(),
      writePartitions: async (rows) =>
        void database.insert(tables.authTokenCache).values(rows).run(),
      writeSessions: async (rows) =>
        void database.insert(tables.authSession).values(rows).run(),
      writeFlows: async (rows) =>
        void database.insert(tables.authFlow).values(rows).run(),
      writeRateLimits: async (rows) =>
        void database.insert(tables.authRateLimit).values(rows).run(),
      writeEvents: async (rows) =>
        void database.insert(tables.authEvent).values(rows).run(),
    },
    counts,
  );
  client.exec("ANALYZE");
  client.pragma("journal_mode = WAL");
  client.close();
}
