import { randomInt } from "node:crypto";
import { setTimeout } from "node:timers/promises";

import { AuthError } from "../../core/error.js";
import type { StoreClient } from "../../core/stores/store-client.js";

/** Returns what the query returns for the client of the stores, as a promise. */
export type Answer = <Value>(
  query: (clientId: string) => Value | Promise<Value>,
) => Promise<Value>;

// Short enough to follow the release closely, with jitter so that waiting processes do not keep meeting.
const pauseMilliseconds = { least: 20, most: 50 };

/**
 * Makes the function that every store asks the database through. A query that throws becomes a rejection; a failure of
 * the database itself becomes `store_unavailable`, and anything else, such as a broken constraint, stays what it is.
 *
 * A query that another process's write keeps waiting is tried again, for so long at most. Waiting inside SQLite would
 * hold up the whole process; between two tries here, everything else goes on.
 */
export function createAnswer(
  busyTimeoutMilliseconds: number,
  client: Pick<StoreClient, "id">,
): Answer {
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

/** Returns what the query returns; a failure of the database itself is thrown as `store_unavailable`. */
export function attempt<Answer>(query: () => Answer): Answer {
  try {
    return query();
  } catch (error) {
    throw toStoreError(error);
  }
}

// SQLite's primary result codes that tell of the database's state. CONSTRAINT, MISUSE, RANGE and the like tell of a
// mistake in this package and are not renamed. ERROR is what SQLite answers for a missing table or column.
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

// Returns any other error as it is.
function toStoreError(error: unknown): unknown {
  if (!isDatabaseFailure(error)) return error;
  return new AuthError(
    "store_unavailable",
    "The database did not answer. Check that it is reachable and migrated.",
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

// Every kind of it: BUSY_SNAPSHOT and BUSY_RECOVERY pass as well.
function isBusy(error: unknown): boolean {
  return readPrimaryCode(error) === "BUSY";
}

/** Returns `BUSY` for `SQLITE_BUSY_SNAPSHOT`; `undefined` for what is no error of SQLite. */
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
