import {
  checkPostgres,
  createPostgresStores,
  migratePostgres,
} from "@entrada/auth/drizzle/postgres";
import { Pool } from "pg";
import type { OpenDatabase } from "./open-database.js";
import { describeError } from "../log.js";
import type { Log } from "../log.js";

// Each limit ends a wait before the next one out: the lock's before its statement's, the statement's before this
// process stops listening for the answer, and all of them before the browser gives up.
const limits = {
  lock_timeout: 2000,
  statement_timeout: 4000,
  query_timeout: 6000,
  idle_in_transaction_session_timeout: 10_000,
  connectionTimeoutMillis: 3000,
};

/** For so many requests to wait for one connection is a database that has fallen behind; the next one is told so at once. */
const mostWaitingPerConnection = 20;

// A new connection now and then, so that they spread again over servers that were away.
const connectionLifetimeSeconds = 1800;

/** Opens a bounded pool of connections to a PostgreSQL server, which need not answer yet. */
export function openPostgresDatabase(
  url: string,
  poolSize: number,
  clientId: string,
  log: Log,
): OpenDatabase {
  const pool = new Pool({
    connectionString: url,
    application_name: "entrada",
    max: poolSize,
    keepAlive: true,
    maxLifetimeSeconds: connectionLifetimeSeconds,
    ...limits,
  });
  // A connection that breaks while nobody uses it. The next request opens another.
  pool.on("error", (error) =>
    log.warn({ error: describeError(error) }, "database.connection_lost"),
  );
  return {
    stores: createPostgresStores(pool, {
      clientId,
      mostWaiting: poolSize * mostWaitingPerConnection,
    }),
    migrate: () => migratePostgres(pool, { clientId }),
    check: () => checkPostgres(pool),
    // The server's own checkpoints and vacuum do that.
    settle: async () => undefined,
    close: () => pool.end(),
  };
}
