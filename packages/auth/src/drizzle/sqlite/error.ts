import { randomInt } from "node:crypto";
import { setTimeout } from "node:timers/promises";

import { AuthError } from "../../core/error.js";
import type { StoreClient } from "../../core/stores/store-client.js";

/** Runs a query for the client of the stores and returns its result as a promise. */
export type RunQuery = <Value>(
  query: (clientId: string) => Value | Promise<Value>,
) => Promise<Value>;

// Short, to continue soon after the other process; random, so that waiting processes do not retry at the same time.
const pauseMilliseconds = { least: 20, most: 50 };

/**
 * Creates the function through which every store queries the database. A failure of the database becomes
 * `store_unavailable`; any other error, such as a violated constraint, is rethrown unchanged.
 *
 * While another process writes, the query is retried until the timeout. SQLite's own timeout would block the process;
 * between two attempts here, the process continues with other work.
 */
export function createQueryRunner(
  busyTimeoutMilliseconds: number,
  client: Pick<StoreClient, "id">,
): RunQuery {
  return async (query) => {
    const deadline = performance.now() + busyTimeoutMilliseconds;
    for (;;) {
      try {
        return await query(client.id);
      } catch (error) {
        if (!isBusy(error) || performance.now() >= deadline)
          throw toStoreError(error);
      }
      await pauseUntil(deadline);
    }
  };
}

function pauseUntil(deadline: number): Promise<void> {
  const { least, most } = pauseMilliseconds;
  const remaining = Math.ceil(deadline - performance.now());
  return setTimeout(Math.max(0, Math.min(randomInt(least, most), remaining)));
}

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

// Returns other errors unchanged.
function toStoreError(error: unknown): unknown {
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

// Includes BUSY_SNAPSHOT and BUSY_RECOVERY.
function isBusy(error: unknown): boolean {
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
