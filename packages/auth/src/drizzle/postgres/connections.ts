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

/** Asks the database by statements that every connection prepares once. */
export interface Prepared<Statements> {
  /** Returns what the query returns. */
  ask: Ask<Statements>;
  /** Returns what the query returns, and keeps all that it did or nothing. */
  transact: Ask<Statements>;
}

/** Runs a query with the statements of one connection, for the client of the stores. */
export type Ask<Statements> = <Value>(
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

// Of two transactions in a deadlock one goes on, so the other succeeds at its next try unless it meets a third.
const mostAttempts = 3;

/**
 * Creates what every store queries the database through. A failure of the database itself becomes `store_unavailable`, and
 * no error contains a value that was sent. A query that the database undid because of a conflict is tried again.
 *
 * Once `mostWaiting` callers wait for a connection, the next is refused at once: in a queue without a limit, every caller
 * would wait longer than its own timeout.
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
        ask: (query) =>
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
      "Too many callers wait for the database already. Try again in a moment.",
    );
}
