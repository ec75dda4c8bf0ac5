import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import type { Column, SQL, SQLWrapper } from "drizzle-orm";
import { getTableConfig } from "drizzle-orm/pg-core";
import type { PgTable } from "drizzle-orm/pg-core";

/** A prepared statement that returns rows. */
export interface Statement<Row> {
  execute(values: Readonly<Record<string, unknown>>): Promise<readonly Row[]>;
}

interface Prepared<Result> {
  execute(values: Readonly<Record<string, unknown>>): Promise<Result>;
}

/** Returns a statement that is prepared when it is first used. */
export function whenUsed<Result>(
  prepare: () => Prepared<Result>,
): Prepared<Result> {
  let prepared: Prepared<Result> | undefined;
  return { execute: (values) => (prepared ??= prepare()).execute(values) };
}

/**
 * Returns the name of a prepared statement. It contains the table, because stores with other tables may share the
 * connection. The schema is hashed, because PostgreSQL truncates names to 63 bytes.
 */
export function nameStatement(table: PgTable, action: string): string {
  const { name, schema } = getTableConfig(table);
  if (schema === undefined) return `${name}_${action}`;
  const digest = createHash("sha256").update(schema).digest("hex").slice(0, 8);
  return `${name}_${action}_${digest}`;
}

/**
 * Returns the condition that the column is one of the query's results. The query runs once and before any change, so the
 * statement locks rows in the order of the query.
 */
export function isAnyOf(column: Column, query: SQLWrapper): SQL {
  return sql`${column} = any(array(${query}))`;
}
