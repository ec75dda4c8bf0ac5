import { AuthError } from "../../core/error.js";

/** Runs the query and returns its result. Throws a failure of the database as `store_unavailable`. */
export function attempt<Result>(query: () => Result): Result {
  try {
    return query();
  } catch (error) {
    throw toStoreError(error);
  }
}

// SQLite's primary result codes for the state of the database. CONSTRAINT, MISUSE, RANGE and similar codes are bugs of this
// package and are not translated. SQLite returns ERROR for a missing table or column.
const unavailableCodes: ReadonlySet<string> = new Set([
  "BUSY",
  "CANTOPEN",
  "CORRUPT",
  "ERROR",
  "FULL",
  "INTERRUPT",
  "IOERR",
  "LOCKED",
  "NOLFS",
  "NOMEM",
  "NOTADB",
  "PERM",
  "PROTOCOL",
  "READONLY",
  "SCHEMA",
]);

/** Returns a failure of the database as `store_unavailable`, and any other error unchanged. */
export function toStoreError(error: unknown): unknown {
  if (!isDatabaseFailure(error)) return error;
  return new AuthError(
    "store_unavailable",
    "The database did not respond. Check that it is reachable and migrated.",
    {
      cause: error,
    },
  );
}

function isDatabaseFailure(error: unknown): boolean {
  const primaryCode = readPrimaryCode(error);
  return primaryCode === undefined
    ? isClosedConnection(error)
    : unavailableCodes.has(primaryCode);
}

/** Returns whether another process is writing. Includes BUSY_SNAPSHOT and BUSY_RECOVERY. */
export function isBusy(error: unknown): boolean {
  return readPrimaryCode(error) === "BUSY";
}

/** Returns `BUSY` for `SQLITE_BUSY_SNAPSHOT`; `undefined` if it is not an SQLite error. */
function readPrimaryCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (!("code" in error) || typeof error.code !== "string") return undefined;
  const [prefix, primaryCode] = error.code.split("_");
  return prefix === "SQLITE" ? primaryCode : undefined;
}

// better-sqlite3 reports a closed connection as a TypeError without a code.
function isClosedConnection(error: unknown): boolean {
  return (
    error instanceof TypeError &&
    error.message === "The database connection is not open"
  );
}
