import type { Pool, PoolClient } from "pg";

import { isUsableAfter, unavailable } from "./postgres-error.js";

/** A connection of a pool, for as long as one query has it to itself. */
export interface Connection {
  readonly client: PoolClient;
  /** Tells that it has broken. */
  fail(cause: unknown): void;
}

/**
 * Answers what the query answers. The connection goes back to the pool, or is closed if it may have broken.
 *
 * @throws {AuthError} `store_unavailable` if there is no connection, or it breaks.
 */
export async function useConnection<Value>(
  pool: Pool,
  query: (connection: Connection) => Promise<Value>,
): Promise<Value> {
  outliveIdleConnections(pool);
  const client = await pool.connect().catch((error: unknown) => {
    throw unavailable(error);
  });
  const failures: unknown[] = [];
  const fail = (cause: unknown) => void failures.push(cause);
  // Without a listener, a connection that breaks while it is used would end the process.
  client.on("error", fail);
  try {
    const value = await query({ client, fail });
    client.release(failures.length > 0);
    return value;
  } catch (error) {
    client.release(failures.length > 0 || !isUsableAfter(error));
    throw failures.length > 0 ? unavailable(failures[0]) : error;
  } finally {
    client.removeListener("error", fail);
  }
}

/** Answers what the query answers; where it throws, nothing was done. */
export async function transact<Value>(
  { client, fail }: Connection,
  query: () => Promise<Value>,
): Promise<Value> {
  await client.query("BEGIN");
  try {
    const value = await query();
    await client.query("COMMIT");
    return value;
  } catch (error) {
    // A connection that cannot undo it is closed, which undoes it as well.
    await client.query("ROLLBACK").catch(fail);
    throw error;
  }
}

const outlived = new WeakSet<Pool>();

// A pool tells of connections that break while nobody uses them, such as when the database restarts, by an event that
// ends the process if nobody listens. The pool has closed them by then, and there is nothing else to do.
function outliveIdleConnections(pool: Pool): void {
  if (outlived.has(pool)) return;
  outlived.add(pool);
  pool.on("error", () => undefined);
}
