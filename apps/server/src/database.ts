import type { Stores } from "@entrada/auth";
import type { Config } from "./config.js";
import type { Log } from "./log.js";
import { openSqliteDatabase } from "./sqlite-database.js";

/** The open database and what is built on it. */
export interface OpenDatabase {
  readonly stores: Stores;
  /**
   * Applies missing migrations; does nothing where opening has done so.
   *
   * @throws {AuthError} `store_unavailable` if the database does not answer. It may later.
   */
  migrate(): Promise<void>;
  /** @throws {AuthError} `store_unavailable` if the database cannot be read now. */
  check(): Promise<void>;
  /** Resolves when what was written is put away far enough for more to be written in bulk. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the database that the configuration names. A PostgreSQL server need not answer yet.
 *
 * @throws {ConfigError} naming the file if a SQLite database cannot be opened.
 */
export async function openDatabase(
  { database, databasePoolSize }: Pick<Config, "database" | "databasePoolSize">,
  log: Log,
): Promise<OpenDatabase> {
  if (database.engine === "sqlite")
    return openSqliteDatabase(database.path, log);
  // Loaded where it is used: a server on SQLite starts without it.
  const { openPostgresDatabase } = await import("./postgres-database.js");
  return openPostgresDatabase(database.url, databasePoolSize, log);
}
