import { AuthError } from "../core/error.js";

/**
 * Answers what the query answers, as a promise: a query that throws becomes a rejection. A failure of the database
 * itself becomes `store_unavailable`; anything else, such as a broken constraint, stays what it is.
 */
export async function answer<Answer>(query: () => Answer): Promise<Answer> {
  return attempt(query);
}

/** Answers what the query answers; a failure of the database itself is thrown as `store_unavailable`. */
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

// Answers any other error as it is.
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
  if (!(error instanceof Error)) return false;
  if (!("code" in error) || typeof error.code !== "string")
    return isClosedConnection(error);
  const [prefix, primaryCode = ""] = error.code.split("_");
  return prefix === "SQLITE" && unavailableCodes.has(primaryCode);
}

// better-sqlite3 reports a closed connection as a TypeError without a code.
function isClosedConnection(error: Error): boolean {
  return (
    error instanceof TypeError &&
    error.message === "The database connection is not open"
  );
}
