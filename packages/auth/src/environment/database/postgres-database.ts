import { describeError } from "../logger.js";
import type { Logger } from "../logger.js";
import type { DatabaseSettings } from "../settings.js";
import { explainMissingDriver } from "./missing-driver.js";
import type { OpenDatabase } from "./open-database.js";

// Each limit ends a wait before the next one out: the lock's before its statement's, the statement's before this
// process stops listening for the answer, and all of them before the browser gives up.
const limits = {
  lock_timeout: 2000,
  statement_timeout: 4000,
  query_timeout: 6000,
  idle_in_transaction_session_timeout: 10_000,
  connectionTimeoutMillis: 3000,
};

/** When so many requests wait for each connection, the database has fallen behind: the next request fails at once. */
const mostWaitingPerConnection = 20;

// New connections now and then, so that they spread again over servers that were away.
const connectionLifetimeSeconds = 1800;

/**
 * Opens a bounded pool of connections to a PostgreSQL server, and applies missing migrations.
 *
 * @throws {AuthError} `store_unavailable` if the server does not answer.
 */
export async function openPostgresDatabase(
  url: string,
  {
    poolSize,
    clientId,
    tables: { migrate, ...names },
  }: Omit<DatabaseSettings, "address">,
  logger: Logger,
): Promise<OpenDatabase> {
  const [{ Pool }, adapter] = await loadModules();
  const pool = new Pool({
    connectionString: url,
    application_name: "entrada",
    max: poolSize,
    keepAlive: true,
    maxLifetimeSeconds: connectionLifetimeSeconds,
    ...limits,
  });
  // A connection that breaks while it is idle. The next request opens another.
  pool.on("error", (error) =>
    logger.warn({ error: describeError(error) }, "database.connection_lost"),
  );
  try {
    await adapter.migratePostgres(pool, { ...names, migrate, clientId });
  } catch (error) {
    await pool.end();
    throw error;
  }
  return {
    stores: adapter.createPostgresStores(pool, {
      ...names,
      clientId,
      mostWaiting: poolSize * mostWaitingPerConnection,
    }),
    check: () => adapter.checkPostgres(pool, names),
    // PostgreSQL does its checkpoints and vacuum itself.
    settle: async () => undefined,
    close: () => pool.end(),
  };
}

/** By name and out of the bundler's sight: an app that has not installed the driver must be bundled without it. */
async function loadModules() {
  return Promise.all([
    import(/* webpackIgnore: true */ /* turbopackIgnore: true */ "pg").then(
      // In Node an export of a CommonJS module may be found under `default` only.
      (module) => module.default,
    ),
    import(
      /* webpackIgnore: true */ /* turbopackIgnore: true */ "@entrada/auth/drizzle/postgres"
    ),
  ]).catch((error: unknown) =>
    explainMissingDriver(error, "npm install drizzle-orm pg"),
  );
}
