import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";

import { migrateSqlite } from "../src/drizzle/sqlite/migrate.js";

/** A SQLite database in its own folder, for one test. */
export interface TestDatabase {
  readonly database: Database.Database;
  readonly path: string;
  close(): void;
}

/** Opens an empty database file in WAL mode. */
export function openTestDatabase(): TestDatabase {
  const folder = mkdtempSync(join(tmpdir(), "entrada-sqlite-"));
  const path = join(folder, "test.db");
  const database = openInWalMode(path);
  return {
    database,
    path,
    close() {
      database.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Opens a database file with the tables of this package. */
export function openMigratedTestDatabase(): TestDatabase {
  const opened = openTestDatabase();
  migrateSqlite(opened.database);
  return opened;
}

/** Opens another connection to the file. */
export function openInWalMode(path: string): Database.Database {
  const database = new Database(path);
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = NORMAL");
  return database;
}
