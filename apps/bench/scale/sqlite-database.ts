import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSchema, migrateSqlite } from "@entrada/auth/drizzle/sqlite";
import Database from "better-sqlite3";
import { drizzle } from "drizzle-orm/better-sqlite3";
import type { Contestants, TableSize } from "./contestants.js";
import { load } from "./load.js";
import type { RowCounts } from "./rows.js";

const tables = createSchema();

/** Creates an empty and a full SQLite database. */
export async function createSqliteContestants(
  counts: Readonly<Record<"empty" | "full", RowCounts>>,
): Promise<Contestants> {
  const folder = await mkdtemp(join(tmpdir(), "entrada-scale-"));
  const [empty, full] = [join(folder, "empty.db"), join(folder, "full.db")];
  await fill(empty, counts.empty);
  const sizes = await fill(full, counts.full);
  return {
    engine: "SQLite",
    empty: `file:${empty}`,
    full: `file:${full}`,
    sizes,
    close: () => rm(folder, { recursive: true }),
  };
}

async function fill(
  path: string,
  counts: RowCounts,
): Promise<readonly TableSize[]> {
  const client = new Database(path);
  // Only for loading: these settings are not stored in the file.
  client.pragma("journal_mode = OFF");
  client.pragma("synchronous = OFF");
  client.pragma("cache_size = -1000000");
  migrateSqlite(client);
  const database = drizzle({ client });
  await load(
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
    },
    counts,
  );
  client.exec("ANALYZE");
  client.pragma("journal_mode = WAL");
  const sizes = readSizes(client, counts);
  client.close();
  return sizes;
}

function readSizes(
  client: Database.Database,
  { flows, sessions, users }: RowCounts,
): readonly TableSize[] {
  const select = client
    .prepare<[string, string], number>(
      `SELECT coalesce(sum(pgsize), 0) FROM dbstat
      WHERE name IN (SELECT name FROM sqlite_schema WHERE tbl_name = ? AND type = ?)`,
    )
    .pluck();
  const rows = {
    auth_flow: flows,
    auth_session: sessions,
    auth_token_cache: users,
    auth_user: users,
    auth_user_client: users,
  };
  return Object.entries(rows).map(([table, count]) => ({
    table,
    rows: count,
    bytes: select.get(table, "table") ?? 0,
    indexBytes: select.get(table, "index") ?? 0,
  }));
}
