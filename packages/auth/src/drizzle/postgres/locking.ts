import { sql } from "drizzle-orm";
import type { Column, SQL, SQLWrapper } from "drizzle-orm";

/**
 * States that the column is one of those that the query answers, which it is asked for once and before anything is
 * changed: so the order in which it locks rows is the order in which the statement does.
 */
export function isAnyOf(column: Column, query: SQLWrapper): SQL {
  return sql`${column} = any(array(${query}))`;
}
