import { sql } from "drizzle-orm";
import type { Column, SQL, SQLWrapper } from "drizzle-orm";

/**
 * Returns the condition that the column is one of the query's results. The query runs once and before any change, so the
 * statement locks rows in the order of the query.
 */
export function isAnyOf(column: Column, query: SQLWrapper): SQL {
  return sql`${column} = any(array(${query}))`;
}
