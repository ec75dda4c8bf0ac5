import type { PoolClient, QueryResult, QueryResultRow } from "pg";

/** The most that a timer of Node's takes: 24 days. */
const longestMilliseconds = 2 ** 31 - 1;

/** Runs a statement of a migration, without the driver's limit on the time that a query takes. */
export function ask<Row extends QueryResultRow>(
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
