import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Database } from "better-sqlite3";
import { describeError } from "../logger.js";
import type { Logger } from "../logger.js";
import type { DatabaseSettings } from "../settings.js";
import { EnvironmentError } from "../variable-reader.js";
import { explainMissingDriver } from "./missing-driver.js";
import type { OpenDatabase } from "./open-database.js";
import { startCheckpoints } from "./sqlite-checkpoints.js";

// At start, several processes may migrate at the same time, and no request is served yet. Later, a wait for another
// process's write lock blocks all requests of this process, so it is much shorter than the stores' pause between two
// attempts: with 20 ms, ten waiting sign-ins delayed `/healthz` for up to four seconds.
const startBusyMilliseconds = 10_000;
const busyMilliseconds = 2;
const ownerOnly = 0o600;

/**
 * Opens the SQLite database, creates it if it does not exist, and applies missing migrations.
 *
 * @throws {EnvironmentError} naming the file if it cannot be opened.
 */
export async function openSqliteDatabase(
  path: string,
  { clientId, tables }: Pick<DatabaseSettings, "clientId" | "tables">,
  logger: Logger,
): Promise<OpenDatabase> {
  const file = resolve(path);
  const [{ default: Driver }, adapter] = await loadModules();
  let client: Database | undefined;
  try {
    mkdirSync(dirname(file), { recursive: true });
    // The file contains names and e-mail addresses, so only its owner may read it. Its WAL files get the same mode.
    closeSync(openSync(file, "a", ownerOnly));
    client = new Driver(file, { timeout: startBusyMilliseconds });
    client.pragma("journal_mode = WAL");
    client.pragma("synchronous = NORMAL");
    client.pragma("foreign_keys = ON");
    adapter.migrateSqlite(client, { ...tables, clientId });
    client.pragma(`busy_timeout = ${busyMilliseconds}`);
    const { prefix } = tables;
    return createOpenDatabase(client, adapter, { prefix, clientId }, logger);
  } catch (error) {
    client?.close();
    throw toOpenError(file, error);
  }
}

type Adapter = Awaited<ReturnType<typeof loadModules>>[1];

function createOpenDatabase(
  client: Database,
  adapter: Adapter,
  options: { readonly prefix: string | undefined; readonly clientId: string },
  logger: Logger,
): OpenDatabase {
  const checkpoints = startCheckpoints(client, (error) =>
    logger.warn({ error: describeError(error) }, "database.checkpoint_failed"),
  );
  return {
    createStores: (extendUser) =>
      adapter.createSqliteStores(client, { ...options, extendUser }),
    check: () => adapter.checkSqlite(client, options),
    settle: () => checkpoints.settle(),
    close: async () => {
      await checkpoints.stop();
      client.close();
    },
  };
}

/** Hidden from bundlers, so that an app without the driver can be bundled. */
async function loadModules() {
  return Promise.all([
    import(
      /* webpackIgnore: true */ /* turbopackIgnore: true */ "better-sqlite3"
    ),
    import(
      /* webpackIgnore: true */ /* turbopackIgnore: true */ "@entrada/auth/drizzle/sqlite"
    ),
  ]).catch((error: unknown) =>
    explainMissingDriver(error, "npm install drizzle-orm better-sqlite3"),
  );
}

function toOpenError(file: string, cause: unknown): Error {
  if (cause instanceof Error && cause.name === "SchemaError")
    return new EnvironmentError([`DATABASE_URL: ${file}: ${cause.message}`]);
  const message = `DATABASE_URL: the database ${file} cannot be opened`;
  return cause instanceof Error && "code" in cause
    ? new EnvironmentError([
        `${message} (${String(cause.code)}): it must be a SQLite database, in a folder that this user may write to`,
      ])
    : new Error(message, { cause });
}
