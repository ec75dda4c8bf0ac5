import type { Logger } from "../logger.js";
import type { DatabaseSettings } from "../settings.js";
import type { OpenDatabase } from "./open-database.js";
import { openPostgresDatabase } from "./postgres-database.js";
import { openSqliteDatabase } from "./sqlite-database.js";

/**
 * Opens the database and applies missing migrations.
 *
 * @throws {EnvironmentError} naming `DATABASE_URL` if a SQLite database cannot be opened, or the command that installs
 *   the driver if it is missing.
 * @throws {AuthError} `store_unavailable` if a PostgreSQL server does not respond.
 */
export async function openDatabase(
  settings: DatabaseSettings,
  logger: Logger,
): Promise<OpenDatabase> {
  const { address } = settings;
  return address.engine === "sqlite"
    ? openSqliteDatabase(address.path, settings, logger)
    : openPostgresDatabase(address.url, settings, logger);
}
