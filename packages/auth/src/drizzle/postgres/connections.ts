import { drizzle } from "drizzle-orm/node-postgres";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { Pool, PoolClient } from "pg";

import { AuthError } from "../../core/error.js";
import type { StoreClient } from "../../core/stores/store-client.js";
import { transact, useConnection } from "./connection.js";
import type { Connection } from "./connection.js";
import { isConflict, toStoreError } from "./error.js";
import type { PostgresTables } from "./schema.js";

/** A prepared statement that returns rows. */
export interface Statement<Row> {
  execute(values: Readonly<Record<string, unknown>>): Promise<readonly Row[]>;
}

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
