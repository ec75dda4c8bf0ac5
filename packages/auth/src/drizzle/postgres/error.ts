import { DrizzleQueryError } from "drizzle-orm";

import { AuthError } from "../../core/error.js";

/** An error response of PostgreSQL. */
interface PostgresError extends Error {
  /** The SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html */
  readonly code: string;
  readonly severity: unknown;
}

/**
 * Removes stored values from an error: Drizzle's error contains every parameter of the statement, and PostgreSQL's details
 * quote the row. A failure of the database becomes `store_unavailable`; any other error, such as a violated constraint,
 * keeps its code.
 */
export function toStoreError(error: unknown): unknown {
  const cause = unwrap(error);
  if (!isPostgresError(cause))
    return isDriverTimeout(cause) ? unavailable(cause) : cause;
  const safe = withoutValues(cause);
  return isUnavailable(cause.code) ? unavailable(safe) : safe;
}

/** Creates the error of a database that cannot be used. */
export function unavailable(cause?: unknown): AuthError {
  return new AuthError(
    "store_unavailable",
    "The database did not respond. Check that it is reachable, writable and migrated.",
    { cause },
  );
}

/** Returns whether the statement was rolled back because of concurrent statements, so that it can be retried. */
export function isConflict(error: unknown): boolean {
  const cause = unwrap(error);
  return isPostgresError(cause) && conflictCodes.has(cause.code);
}

/** Returns whether the connection of this error can be used again. */
export function isUsableAfter(error: unknown): boolean {
  const cause = unwrap(error);
  return (
    isPostgresError(cause) &&
    cause.severity === "ERROR" &&
    !staleCodes.has(cause.code)
  );
}

// Serialization failure, deadlock.
const conflictCodes: ReadonlySet<string> = new Set(["40001", "40P01"]);

// The connection's prepared statements are lost, or the tables have changed since; or the connection leads to a replica,
// and a new one may lead to the primary.
const staleCodes: ReadonlySet<string> = new Set(["0A000", "26000", "25006"]);

// Classes for the state of the database: connection, authorization, transaction rollback, resources, operator intervention,
// system error, internal error.
const unavailableClasses: ReadonlySet<string> = new Set([
  "08",
  "28",
  "40",
  "53",
  "57",
  "58",
  "XX",
]);

const unavailableCodes: ReadonlySet<string> = new Set([
  ...staleCodes,
  "25P03", // Timeout of an idle transaction.
  "25P04", // Timeout of a transaction.
  "3D000", // Unknown database.
  "3F000", // Unknown schema.
  "42P01", // Unknown table.
  "42703", // Unknown column.
  "42501", // Missing permission.
  "55P03", // Timeout of a lock.
]);

function isUnavailable(code: string): boolean {
  return unavailableClasses.has(code.slice(0, 2)) || unavailableCodes.has(code);
}

function unwrap(error: unknown): unknown {
  return error instanceof DrizzleQueryError ? error.cause : error;
}

function isPostgresError(error: unknown): error is PostgresError {
  return (
    error instanceof Error &&
    "severity" in error &&
    "code" in error &&
    typeof error.code === "string"
  );
}

// The driver's timeout has no code.
function isDriverTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === "Query read timeout";
}

const fieldsWithValues = ["detail", "hint", "where", "internalQuery"];

// The message of a data exception (class 22) quotes the value.
function withoutValues(error: PostgresError): Error {
  if (error.code.startsWith("22"))
    return Object.assign(new Error("The database refused a value."), {
      code: error.code,
    });
  for (const field of fieldsWithValues) Reflect.deleteProperty(error, field);
  return error;
}
