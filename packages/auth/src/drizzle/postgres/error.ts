import { DrizzleQueryError } from "drizzle-orm";

import { AuthError } from "../../core/error.js";

/** An error that PostgreSQL itself answered. */
interface PostgresError extends Error {
  /** The SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html */
  readonly code: string;
  readonly severity: unknown;
}

/**
 * Returns the failure without what it could give away: Drizzle's error tells every parameter of the statement, and
 * PostgreSQL's details quote the row. A failure of the database itself becomes `store_unavailable`; anything else, such
 * as a broken constraint, stays what it is.
 */
export function toStoreError(error: unknown): unknown {
  const cause = unwrap(error);
  if (!isPostgresError(cause))
    return isDriverTimeout(cause) ? unavailable(cause) : cause;
  const told = withoutValues(cause);
  return isUnavailable(cause.code) ? unavailable(told) : told;
}

/** The failure of a database that cannot be asked. */
export function unavailable(cause?: unknown): AuthError {
  return new AuthError(
    "store_unavailable",
    "The database did not answer. Check that it is reachable, writable and migrated.",
    { cause },
  );
}

/** Returns whether the statement would have succeeded alone, so that it may be asked again: nothing of it was done. */
export function isConflict(error: unknown): boolean {
  const cause = unwrap(error);
  return isPostgresError(cause) && conflictCodes.has(cause.code);
}

/** Returns whether the connection that this error came from can be asked again. */
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

// The connection's prepared statements are gone, or were made for tables that have changed since; or it leads to a replica,
// while another may lead to the primary.
const staleCodes: ReadonlySet<string> = new Set(["0A000", "26000", "25006"]);

// Classes that tell of the database's state: connection, authorization, transaction rollback, resources, operator
// intervention, system error, internal error.
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
  "25P03", // A transaction lay idle.
  "25P04", // A transaction took too long.
  "3D000", // There is no such database,
  "3F000", // schema,
  "42P01", // table,
  "42703", // column.
  "42501", // There is no permission.
  "55P03", // A lock was not free in time.
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

// The driver gives these no code.
function isDriverTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === "Query read timeout";
}

const tellingFields = ["detail", "hint", "where", "internalQuery"];

// A data exception quotes the value in its message.
function withoutValues(error: PostgresError): Error {
  if (error.code.startsWith("22"))
    return Object.assign(new Error("The database refused a value."), {
      code: error.code,
    });
  for (const field of tellingFields) Reflect.deleteProperty(error, field);
  return error;
}
