import type { Database } from "better-sqlite3";
import { is } from "drizzle-orm";
import { drizzle } from "drizzle-orm/better-sqlite3";
import { SQLiteColumn, SQLiteTable } from "drizzle-orm/sqlite-core";

import { createStoreClient } from "../../core/stores/store-client.js";
import type { Stores } from "../../core/stores/stores.js";
import type {
  ColumnValues,
  NoColumns,
  UserExtension,
} from "../../core/stores/user-extension.js";
import { createQueryRunner } from "./connection.js";
import { parseExtension } from "../user-extension.js";
import { createSchema } from "./schema.js";
import type { SqliteNames } from "./schema.js";
import { createSqliteAuditStore } from "./stores/audit-store.js";
import { createSqliteFlowStore } from "./stores/flow-store.js";
import { createSqliteLeaseStore } from "./stores/lease-store.js";
import { createSqliteRateLimitStore } from "./stores/rate-limit-store.js";
import { createSqliteSessionStore } from "./stores/session-store.js";
import { createSqliteTokenCacheStore } from "./stores/token-cache-store.js";
import { createSqliteUserStore } from "./stores/user-store.js";

/** The options of `createSqliteStores`; all have defaults. */
export interface SqliteStoreOptions<Columns = NoColumns> extends SqliteNames {
  /** How long a call is retried while another process writes. Defaults to 2000. */
  readonly busyTimeoutMilliseconds?: number | undefined;
  /** The client whose rows the stores read and write. Defaults to the client of `createAuth`. */
  readonly clientId?: string | undefined;
  /** The app's own columns of a user, which are read with each session. */
  readonly extendUser?: UserExtension<Columns> | undefined;
}

const defaultBusyTimeoutMilliseconds = 2000;
const sqliteTypes = {
  module: "drizzle-orm/sqlite-core",
  isTable: (value: object) => is(value, SQLiteTable),
  isColumn: (value: object) => is(value, SQLiteColumn),
};

/**
 * Creates all stores on one SQLite database, opened by the app with better-sqlite3. Migrate it first.
 *
 * Each statement is prepared when it is first used, once. Several processes may share the file; open it in WAL mode, so that reads do not wait
 * for writes. Each method rejects with `store_unavailable` while the database cannot be used.
 *
 * While another process writes, a call is retried without blocking its own process. At each attempt, though, SQLite blocks
 * the whole process for the connection's `busy_timeout`, which is 5 seconds unless you set it: set it to 2 milliseconds
 * after the migration. This function does not set it, because it applies to every query on the connection: the app's own
 * writes would fail instead of waiting. If the app's queries need the longer timeout, open a second connection for the
 * stores.
 *
 * @example
 * const database = new Database("data/app.db");
 * database.pragma("journal_mode = WAL");
 * migrateSqlite(database, { clientId });
 * database.pragma("busy_timeout = 2");
 * const stores = createSqliteStores(database);
 *
 * @throws {TypeError} if `extendUser` is not of SQLite, or names a column like a field of the user.
 */
export function createSqliteStores<Columns = NoColumns>(
  database: Database,
  {
    busyTimeoutMilliseconds = defaultBusyTimeoutMilliseconds,
    clientId,
    extendUser,
    ...names
  }: SqliteStoreOptions<Columns> = {},
): Stores<ColumnValues<Columns>> {
  const queries = drizzle(database);
  const tables = createSchema(names);
  const client = createStoreClient(clientId);
  const runQuery = createQueryRunner(busyTimeoutMilliseconds, client);
  return {
    bindClient: client.bind,
    flowStore: createSqliteFlowStore(queries, tables, runQuery),
    userStore: createSqliteUserStore(queries, tables, runQuery),
    sessionStore: createSqliteSessionStore(
      queries,
      tables,
      runQuery,
      extendUser && parseExtension(extendUser, sqliteTypes),
    ),
    tokenCacheStore: createSqliteTokenCacheStore(queries, tables, runQuery),
    auditStore: createSqliteAuditStore(queries, tables, runQuery),
    rateLimitStore: createSqliteRateLimitStore(queries, tables, runQuery),
    leaseStore: createSqliteLeaseStore(queries, tables, runQuery),
  };
}
