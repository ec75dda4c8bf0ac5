import type { Database } from "better-sqlite3";
import { drizzle } from "drizzle-orm/better-sqlite3";

import type { Stores } from "../core/ports.js";
import { attempt } from "./sqlite-error.js";
import { createSqliteFlowStore } from "./sqlite-flow-store.js";
import { createSqliteSessionStore } from "./sqlite-session-store.js";
import { createSqliteTokenCacheStore } from "./sqlite-token-cache-store.js";
import { createSqliteUserStore } from "./sqlite-user-store.js";

/**
 * Creates all stores on one SQLite database, opened by the app with better-sqlite3. Migrate it first.
 *
 * Statements are prepared here, once. Several processes may share the file; open it in WAL mode, so that reading never
 * waits for writing. Each method rejects with `store_unavailable` while the database does not answer.
 *
 * @example
 * const database = new Database("data/app.db");
 * database.pragma("journal_mode = WAL");
 * migrateSqlite(database);
 * const stores = createSqliteStores(database);
 *
 * @throws {AuthError} `store_unavailable` if the database cannot be read or lacks the tables.
 */
export function createSqliteStores(database: Database): Stores {
  return attempt(() => {
    const queries = drizzle(database);
    return {
      flowStore: createSqliteFlowStore(queries),
      userStore: createSqliteUserStore(queries),
      sessionStore: createSqliteSessionStore(queries),
      tokenCacheStore: createSqliteTokenCacheStore(queries),
    };
  });
}
