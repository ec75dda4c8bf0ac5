import type { Config } from "../config/config.js";
import type { Log } from "../log.js";
import type { OpenDatabase } from "./open-database.js";
import { openSqliteDatabase } from "./sqlite-database.js";

/**
 * Opens the database that the configuration names. A PostgreSQL server need not answer yet.
 *
 * @throws {ConfigError} naming the file if a SQLite database cannot be opened.
 */
export async function openDatabase(
  {
    database,
    databasePoolSize,
    clientId,
  }: Pick<Config, "database" | "databasePoolSize" | "clientId">,
  log: Log,
): Promise<OpenDatabase> {
  if (database.engine === "sqlite")
    return openSqliteDatabase(database.path, clientId, log);
  // Loaded where it is used: a server on SQLite starts without it.
  const { openPostgresDatabase } = await import("./postgres-database.js");
  return openPostgresDatabase(database.url, databasePoolSize, clientId, log);
}
