import { EnvironmentError, createVariableReader } from "../variable-reader.js";
import type { Environment } from "../variable-reader.js";
import { parseDatabaseUrl } from "./database-url.js";
import type { DatabaseAddress } from "./database-url.js";

/** The database without `DATABASE_URL`. */
export const defaultDatabase = {
  engine: "sqlite",
  path: "./data/entrada.db",
} as const satisfies DatabaseAddress;

/**
 * Reads only the address of the database, for programs that need nothing else yet.
 *
 * @throws {EnvironmentError} naming `DATABASE_URL` if it is malformed.
 */
export function readDatabaseAddress(environment: Environment): DatabaseAddress {
  const reader = createVariableReader(environment);
  const address = reader.read("DATABASE_URL", parseDatabaseUrl);
  if (reader.findings.length > 0) throw new EnvironmentError(reader.findings);
  return address ?? defaultDatabase;
}
