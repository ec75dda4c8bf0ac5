import type { Pool, PoolClient } from "pg";

import { isUsableAfter, unavailable } from "./error.js";

/** A connection of a pool, for as long as one query has it to itself. */
export interface Connection {
  readonly client: PoolClient;
  /** Tells that it has broken. */
  fail(cause: unknown): void;
}

/**
 * Returns what the query answers. The connection goes back to the pool, or is closed if it may have broken.
 *
 * @throws {AuthError} `store_unavailable` if there is no connection, or it breaks.
 */
export async function useConnection<Value>(
  pool: Pool,
  query: (connection: Connection) => Promise<Value>,
): Promise<Value> {
  outliveBrokenConnections(pool);
  const client = await pool.connect().catch((error: unknown) => {
    throw unavailable(error);
  });
  const fail = (cause: unknown) => void failures.set(client, cause);
  try {
    const value = await query({ client, fail });
    client.release(failures.has(client));
    return value;
  } catch (error) {
    const isBroken = failures.has(client);
    client.release(isBroken || !isUsableAfter(error));
    throw isBroken ? unavailable(failures.get(client)) : error;
  }
}

/** Returns what the query answers; where it throws, nothing was done. */
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

/** Why connections that broke did so. */
const failures = new WeakMap<PoolClient, unknown>();
const outlived = new WeakSet<Pool | PoolClient>();

// A connection tells by an event that it has broken, such as when the database restarts, and an event that nobody listens
// to ends the process. For a connection that nobody uses, the pool listens; it has closed it by then. But the pool stops
// before whoever waits for the connection could begin, so we listen from when it is handed out on.
function outliveBrokenConnections(pool: Pool): void {
  if (outlived.has(pool)) return;
  outlived.add(pool);
  pool.on("error", () => undefined);
  pool.on("acquire", (client) => {
    if (outlived.has(client)) return;
    outlived.add(client);
    client.on("error", (cause) => failures.set(client, cause));
  });
}
