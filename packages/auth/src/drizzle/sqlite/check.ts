import { open } from "node:fs/promises";
import type { Database } from "better-sqlite3";
import { getTableName } from "drizzle-orm";

import { AuthError } from "../../core/error.js";
import { attempt } from "./error.js";
import { createSchema } from "./schema.js";
import type { SqliteNames } from "./schema.js";

/**
 * Resolves if the database file exists, is readable and contains the tables. For a readiness probe.
 *
 * A query alone would not show this: SQLite reads from memory, and through its open handle even from a deleted file.
 *
 * @throws {AuthError} `store_unavailable` otherwise.
 */
export async function checkSqlite(
  database: Database,
  names: SqliteNames = {},
): Promise<void> {
  const session = getTableName(createSchema(names).authSession);
  try {
    attempt(() => database.prepare(`SELECT id FROM ${session} LIMIT 1`).get());
  } catch (error) {
    // Drops pages that were read from a damaged file, so that the next check reads the restored file.
    if (database.open) database.pragma("shrink_memory");
    throw error;
  }
  if (!database.memory) await requireSqliteFile(database.name);
}

async function requireSqliteFile(path: string): Promise<void> {
  const header = await readHeader(path).catch((error: unknown) => {
    throw unavailable(error);
  });
  if (header !== sqliteHeader) throw unavailable();
}

// https://sqlite.org/fileformat2.html#magic_header_string
const sqliteHeader = "SQLite format 3\0";

async function readHeader(path: string): Promise<string> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.alloc(sqliteHeader.length),
      position: 0,
    });
    return buffer.toString("latin1", 0, bytesRead);
  } finally {
    await file.close();
  }
}

function unavailable(cause?: unknown): AuthError {
  return new AuthError(
    "store_unavailable",
    "The database file is missing or damaged. Check the disk.",
    { cause },
  );
}
