import { is } from "drizzle-orm";
import { PgColumn, PgTable } from "drizzle-orm/pg-core";
import type { Pool } from "pg";

import { createStoreClient } from "../../core/stores/store-client.js";
import type { Stores } from "../../core/stores/stores.js";
import type {
  ColumnValues,
  NoColumns,
  UserExtension,
} from "../../core/stores/user-extension.js";
import { parseExtension } from "../user-extension.js";
import { createPostgresAuditStore } from "./stores/audit-store.js";
import { createConnections } from "./connection.js";
import { createSchema } from "./schema.js";
import type { PostgresNames } from "./schema.js";
import { createPostgresFlowStore } from "./stores/flow-store.js";
import { createPostgresLeaseStore } from "./stores/lease-store.js";
import { createPostgresRateLimitStore } from "./stores/rate-limit-store.js";
import { createPostgresSessionStore } from "./stores/session-store.js";
import { createPostgresTokenCacheStore } from "./stores/token-cache-store.js";
import { createPostgresUserStore } from "./stores/user-store.js";

/** The options of `createPostgresStores`; all have defaults. */
export interface PostgresStoreOptions<
  Columns = NoColumns,
> extends PostgresNames {
  /**
   * How many calls may wait for a connection of the pool; the next call is refused with `store_unavailable` at once.
   * Defaults to 50 for each connection of the pool.
   */
  readonly mostWaiting?: number | undefined;
  /** The client whose rows the stores read and write. Defaults to the client of `createAuth`. */
  readonly clientId?: string | undefined;
  /** The app's own columns of a user, which are read with each session. */
  readonly extendUser?: UserExtension<Columns> | undefined;
}

const mostWaitingPerConnection = 50;
const postgresTypes = {
  module: "drizzle-orm/pg-core",
  isTable: (value: object) => is(value, PgTable),
  isColumn: (value: object) => is(value, PgColumn),
};

/**
 * Creates all stores on one PostgreSQL database, through the app's pool of `pg`. Migrate it first.
 *
 * Any number of servers may share the database. Each method is one statement, which every connection prepares when it is
 * first used there, once, and one round trip; only disabling a user is a transaction. Each method rejects with `store_unavailable` while the database does
 * not respond. No error contains a value that was sent.
 *
 * Set the timeouts on the pool: without `connectionTimeoutMillis`, `statement_timeout` and `query_timeout`, a call may wait
 * forever. Idle connections that break are closed without a report; listen to the pool's `error` event to log them.
 *
 * @example
 * const pool = new Pool({ connectionString, connectionTimeoutMillis: 2000, statement_timeout: 5000 });
 * await migratePostgres(pool, { clientId });
 * const stores = createPostgresStores(pool);
 *
 * @throws {TypeError} if `extendUser` is not of PostgreSQL, or names a column like a field of the user.
 */
export function createPostgresStores<Columns = NoColumns>(
  pool: Pool,
  {
    mostWaiting = mostWaitingPerConnection * pool.options.max,
    clientId,
    extendUser,
    ...names
  }: PostgresStoreOptions<Columns> = {},
): Stores<ColumnValues<Columns>> {
  const client = createStoreClient(clientId);
  const connections = createConnections(
    pool,
    createSchema(names),
    mostWaiting,
    client,
  );
  return {
    bindClient: client.bind,
    flowStore: createPostgresFlowStore(connections),
    userStore: createPostgresUserStore(connections),
    sessionStore: createPostgresSessionStore(
      connections,
      extendUser && parseExtension(extendUser, postgresTypes),
    ),
    tokenCacheStore: createPostgresTokenCacheStore(connections),
    auditStore: createPostgresAuditStore(connections),
    leaseStore: createPostgresLeaseStore(connections),
    rateLimitStore: createPostgresRateLimitStore(connections),
  };
}
