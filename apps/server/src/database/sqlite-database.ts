import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname, resolve } from "node:path";
import {
  checkSqlite,
  createSqliteStores,
  migrateSqlite,
  SchemaError,
} from "@entrada/auth/drizzle/sqlite";
import Database from "better-sqlite3";
import { ConfigError } from "../config/config.js";
import type { OpenDatabase } from "./open-database.js";
import { describeError } from "../log.js";
import type { Log } from "../log.js";
import { startCheckpoints } from "./sqlite-checkpoints.js";

// At start several servers may migrate at once, and nobody is served yet. Later a wait for another process's write lock
// stops everything in this one, so it is short: the stores try again by themselves, between other work.
const startBusyMilliseconds = 10_000;
const busyMilliseconds = 20;
const ownerOnly = 0o600;

/**
 * Opens the SQLite database, creates it if need be, and applies missing migrations.
 *
 * @throws {ConfigError} naming the file if it cannot be opened.
 */
export function openSqliteDatabase(
  path: string,
  clientId: string,
  log: Log,
): OpenDatabase {
  const file = resolve(path);
  try {
    mkdirSync(dirname(file), { recursive: true });
    // Whoever reads the file learns names and addresses, so a new one is its owner's alone; its WAL files follow it.
    closeSync(openSync(file, "a", ownerOnly));
    const client = new Database(file, { timeout: startBusyMilliseconds });
    client.pragma("journal_mode = WAL");
    client.pragma("synchronous = NORMAL");
    client.pragma("foreign_keys = ON");
    migrateSqlite(client, { clientId });
    client.pragma(`busy_timeout = ${busyMilliseconds}`);
    const checkpoints = startCheckpoints(client, (error) =>
      log.warn({ error: describeError(error) }, "database.checkpoint_failed"),
    );
    return {
      stores: createSqliteStores(client, { clientId }),
      migrate: async () => undefined,
      check: () => checkSqlite(client),
      settle: () => checkpoints.settle(),
      close: async () => {
        await checkpoints.stop();
        client.close();
      },
    };
  } catch (error) {
    throw toOpenError(file, error);
  }
}

function toOpenError(file: string, cause: unknown): Error {
  if (cause instanceof SchemaError)
    return new ConfigError([`DATABASE_URL: ${file}: ${cause.message}`]);
  const message = `DATABASE_URL: the database ${file} cannot be opened`;
  return cause instanceof Error && "code" in cause
    ? new ConfigError([
        `${message} (${String(cause.code)}): it has to be a SQLite database, in a folder that this user may write to`,
      ])
    : new Error(message, { cause });
}
