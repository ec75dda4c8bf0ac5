import { randomBytes } from "node:crypto";
import {
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import {
  checkSqlite,
  createSqliteStores,
  migrateSqlite,
} from "@entrada/auth/drizzle/sqlite";
import type { Stores } from "@entrada/auth";
import Database from "better-sqlite3";
import { ConfigError } from "./config.js";

/** The open database and what is built on it. */
export interface OpenDatabase {
  readonly stores: Stores;
  /** @throws {AuthError} `store_unavailable` if the database cannot be read now. */
  check(): Promise<void>;
  close(): void;
}

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
export function openDatabase(path: string): OpenDatabase {
  const file = resolve(path);
  try {
    mkdirSync(dirname(file), { recursive: true });
    // Whoever reads the file learns names and addresses, so a new one is its owner's alone; its WAL files follow it.
    closeSync(openSync(file, "a", ownerOnly));
    const client = new Database(file, { timeout: startBusyMilliseconds });
    client.pragma("journal_mode = WAL");
    client.pragma("synchronous = NORMAL");
    client.pragma("foreign_keys = ON");
    migrateSqlite(client);
    client.pragma(`busy_timeout = ${busyMilliseconds}`);
    return {
      stores: createSqliteStores(client),
      check: () => checkSqlite(client),
      close: () => client.close(),
    };
  } catch (error) {
    throw toOpenError(file, error);
  }
}

function toOpenError(file: string, cause: unknown): Error {
  const message = `DATABASE_URL: the database ${file} cannot be opened`;
  return cause instanceof Error && "code" in cause
    ? new ConfigError([
        `${message} (${String(cause.code)}): it has to be a SQLite database, in a folder that this user may write to`,
      ])
    : new Error(message, { cause });
}

/** Answers the secret of a development machine, made once and kept beside the database. */
export function readDevelopmentSecret(databasePath: string): Uint8Array {
  const file = join(dirname(resolve(databasePath)), "auth-secret");
  mkdirSync(dirname(file), { recursive: true });
  // Written aside and then linked: whoever else starts at this moment finds the whole secret, or none yet.
  const draft = `${file}.${randomBytes(8).toString("hex")}`;
  writeFileSync(draft, `${randomBytes(32).toString("base64")}\n`, {
    flag: "wx",
    mode: ownerOnly,
  });
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST"))
      throw error;
  } finally {
    unlinkSync(draft);
  }
  return Buffer.from(readFileSync(file, "utf8"), "base64");
}
