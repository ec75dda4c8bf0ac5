import { describeError } from "../logger.js";
import type { Logger } from "../logger.js";
import type { DatabaseSettings } from "../settings.js";
import { explainMissingDriver } from "./missing-driver.js";
import type { OpenDatabase } from "./open-database.js";

// Each limit is shorter than the one around it: lock, statement, the client's wait for the result, the browser's
// timeout.
const limits = {
  lock_timeout: 2000,
  statement_timeout: 4000,
  query_timeout: 6000,
  idle_in_transaction_session_timeout: 10_000,
  connectionTimeoutMillis: 3000,
};

/** If more requests wait per connection, the database is overloaded and further requests fail immediately. */
const mostWaitingPerConnection = 20;

// Connections are replaced regularly, so that they are distributed over servers that have returned.
const connectionLifetimeSeconds = 1800;

/**
 * Opens a bounded pool of connections to a PostgreSQL server, and applies missing migrations.
 *
 * @throws {AuthError} `store_unavailable` if the server does not respond.
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
  // An idle connection was lost. The next request opens another.
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
    createStores: (extendUser) =>
      adapter.createPostgresStores(pool, {
        ...names,
        clientId,
        extendUser,
        mostWaiting: poolSize * mostWaitingPerConnection,
      }),
    check: () => adapter.checkPostgres(pool, names),
    // PostgreSQL performs checkpoints and vacuum itself.
    settle: async () => undefined,
    close: () => pool.end(),
  };
}

/** Hidden from bundlers, so that an app without the driver can be bundled. */
async function loadModules() {
  return Promise.all([
    import(/* webpackIgnore: true */ /* turbopackIgnore: true */ "pg").then(
      // Node may provide the exports of a CommonJS module only as `default`.
      (module) => module.default,
    ),
    import(
      /* webpackIgnore: true */ /* turbopackIgnore: true */ "@entrada/auth/drizzle/postgres"
    ),
  ]).catch((error: unknown) =>
    explainMissingDriver(error, "npm install drizzle-orm pg"),
  );
}
