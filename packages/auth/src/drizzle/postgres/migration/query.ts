import type { PoolClient, QueryResult, QueryResultRow } from "pg";

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
