import type { Pool, PoolClient } from "pg";

import { isUsableAfter, unavailable } from "./error.js";

/** A connection of a pool while one query uses it. */
export interface Connection {
  readonly client: PoolClient;
  /** Marks the connection as broken. */
  fail(cause: unknown): void;
}

/**
 * Runs the query on a connection and returns its result. The connection is then returned to the pool, or closed if it may
 * be broken.
 *
 * @throws {AuthError} `store_unavailable` if no connection is available, or it breaks.
 */
export async function useConnection<Value>(
  pool: Pool,
  query: (connection: Connection) => Promise<Value>,
): Promise<Value> {
  surviveBrokenConnections(pool);
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

/** Runs the query in a transaction and returns its result. If it throws, nothing was changed. */
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
    // If the rollback fails, the connection is closed, which rolls back as well.
    await client.query("ROLLBACK").catch(fail);
    throw error;
  }
}

/** The errors of broken connections. */
const failures = new WeakMap<PoolClient, unknown>();
const listened = new WeakSet<Pool | PoolClient>();

// A broken connection emits `error`, for example when the database restarts. Without a listener that ends the process. The
// pool listens to idle connections and closes a broken one. It removes its listener before the caller receives the
// connection, so ours is added when a connection is acquired.
function surviveBrokenConnections(pool: Pool): void {
  if (listened.has(pool)) return;
  listened.add(pool);
  pool.on("error", () => undefined);
  pool.on("acquire", (client) => {
    if (listened.has(client)) return;
    listened.add(client);
    client.on("error", (cause) => failures.set(client, cause));
  });
}
