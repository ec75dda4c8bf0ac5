import { drizzle } from "drizzle-orm/node-postgres";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { Pool, PoolClient, QueryResult, QueryResultRow } from "pg";

import { AuthError } from "../../core/error.js";
import type { StoreClient } from "../../core/stores/store-client.js";
import {
  isConflict,
  isUsableAfter,
  toStoreError,
  unavailable,
} from "./error.js";
import type { PostgresTables } from "./schema.js";

/** Runs queries with statements that every connection prepares once. */
export interface Prepared<Statements> {
  runQuery: RunQuery<Statements>;
  /** Runs the query in a transaction. */
  transact: RunQuery<Statements>;
}

/** Runs a query with the statements of one connection, for the client of the stores, and returns its result. */
export type RunQuery<Statements> = <Value>(
  query: (statements: Statements, clientId: string) => Promise<Value>,
) => Promise<Value>;

/** Prepares the statements of one connection. */
export type PrepareStatements<Statements> = (
  database: NodePgDatabase,
  tables: PostgresTables,
) => Statements;

/** The connections of one pool. */
export interface Connections {
  prepare<Statements>(
    prepareStatements: PrepareStatements<Statements>,
  ): Prepared<Statements>;
}

// PostgreSQL cancels one transaction of a deadlock, so it succeeds at the next attempt unless a third one interferes.
const mostAttempts = 3;

/**
 * Creates the connections through which every store queries the database. A failure of the database becomes
 * `store_unavailable`, and no error contains a value that was sent. A query that the database rolled back because of a
 * conflict is retried.
 *
 * While `mostWaiting` callers wait for a connection, the next call is refused at once: in a queue without a limit, every
 * caller would wait longer than its timeout.
 */
export function createConnections(
  pool: Pool,
  tables: PostgresTables,
  mostWaiting: number,
  storeClient: Pick<StoreClient, "id">,
): Connections {
  const use = <Value>(
    query: (connection: Connection) => Promise<Value>,
  ): Promise<Value> =>
    retry(() => {
      requireRoom(pool, mostWaiting);
      return useConnection(pool, query);
    });

  return {
    prepare(prepareStatements) {
      const statementsOf = createStatementCache((client) =>
        prepareStatements(drizzle({ client }), tables),
      );
      return {
        runQuery: (query) =>
          use(({ client }) => query(statementsOf(client), storeClient.id)),
        transact: (query) =>
          use((connection) =>
            transact(connection, () =>
              query(statementsOf(connection.client), storeClient.id),
            ),
          ),
      };
    },
  };
}

function createStatementCache<Statements>(
  prepareStatements: (client: PoolClient) => Statements,
): (client: PoolClient) => Statements {
  const cache = new WeakMap<PoolClient, Statements>();
  return (client) => {
    const known = cache.get(client);
    if (known !== undefined) return known;
    const statements = prepareStatements(client);
    cache.set(client, statements);
    return statements;
  };
}

async function retry<Value>(attempt: () => Promise<Value>): Promise<Value> {
  for (let number = 1; ; number += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!isConflict(error) || number === mostAttempts)
        throw toStoreError(error);
    }
  }
}

function requireRoom(pool: Pool, mostWaiting: number): void {
  if (pool.waitingCount >= mostWaiting)
    throw new AuthError(
      "store_unavailable",
      "Too many calls are waiting for the database. Try again in a moment.",
    );
}

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

/** The longest timer of Node.js: 24 days. */
const longestMilliseconds = 2 ** 31 - 1;

/** Runs a statement of a migration without the driver's query timeout. */
export function runStatement<Row extends QueryResultRow>(
  client: PoolClient,
  text: string,
  values: readonly string[] = [],
): Promise<QueryResult<Row>> {
  const query = {
    text,
    values: [...values],
    query_timeout: longestMilliseconds,
  };
  return client.query<Row>(query);
}
