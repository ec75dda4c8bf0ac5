import type { Database } from "better-sqlite3";
import { drizzle } from "drizzle-orm/better-sqlite3";

import { createStoreClient } from "../../core/stores/store-client.js";
import type { Stores } from "../../core/stores/stores.js";
import { attempt, createAnswer } from "./error.js";
import { createSchema } from "./schema.js";
import type { SqliteNames } from "./schema.js";
import { createSqliteAuditStore } from "./stores/audit-store.js";
import { createSqliteFlowStore } from "./stores/flow-store.js";
import { createSqliteLeaseStore } from "./stores/lease-store.js";
import { createSqliteRateLimitStore } from "./stores/rate-limit-store.js";
import { createSqliteSessionStore } from "./stores/session-store.js";
import { createSqliteTokenCacheStore } from "./stores/token-cache-store.js";
import { createSqliteUserStore } from "./stores/user-store.js";

/** What `createSqliteStores` can be told; everything has a default. */
export interface SqliteStoreOptions extends SqliteNames {
  /** How long a call keeps trying while another process writes. Defaults to 2000. */
  readonly busyTimeoutMilliseconds?: number | undefined;
  /** The client whose rows the stores read and write. Defaults to the client of `createAuth`. */
  readonly clientId?: string | undefined;
}

const defaultBusyTimeoutMilliseconds = 2000;

/**
 * Creates all stores on one SQLite database, opened by the app with better-sqlite3. Migrate it first.
 *
 * Statements are prepared here, once. Several processes may share the file; open it in WAL mode, so that reading never
 * waits for writing. Each method rejects with `store_unavailable` while the database does not answer. A call that finds
 * another process writing tries again for a while without holding up its own process; so open the file with a short
 * `timeout`, which is how long SQLite itself holds up everything.
 *
 * @example
 * const database = new Database("data/app.db", { timeout: 50 });
 * database.pragma("journal_mode = WAL");
 * migrateSqlite(database, { clientId });
 * const stores = createSqliteStores(database);
 *
 * @throws {AuthError} `store_unavailable` if the database cannot be read or lacks the tables.
 */
export function createSqliteStores(
  database: Database,
  {
    busyTimeoutMilliseconds = defaultBusyTimeoutMilliseconds,
    clientId,
    ...names
  }: SqliteStoreOptions = {},
): Stores {
  return attempt(() => {
    const queries = drizzle(database);
    const tables = createSchema(names);
    const client = createStoreClient(clientId);
    const answer = createAnswer(busyTimeoutMilliseconds, client);
    return {
      bindClient: client.bind,
      flowStore: createSqliteFlowStore(queries, tables, answer),
      userStore: createSqliteUserStore(queries, tables, answer),
      sessionStore: createSqliteSessionStore(queries, tables, answer),
      tokenCacheStore: createSqliteTokenCacheStore(queries, tables, answer),
      auditStore: createSqliteAuditStore(queries, tables, answer),
      rateLimitStore: createSqliteRateLimitStore(queries, tables, answer),
      leaseStore: createSqliteLeaseStore(queries, tables, answer),
    };
  });
}
