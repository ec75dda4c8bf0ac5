import { sql } from "drizzle-orm";
import type { Column, SQL } from "drizzle-orm";

/**
 * A named placeholder whose value is encoded by the column: an instant in milliseconds or as text, a list as JSON. `null`
 * stays `null`.
 */
export function bound(column: Column, name: string): SQL {
  const encoder = {
    mapToDriverValue: (value: unknown) =>
      value === null ? null : column.mapToDriverValue(value),
  };
  return sql`${sql.param(sql.placeholder(name), encoder)}`;
}

/** The value that an `INSERT` could not insert because of a conflict. */
export function excluded(column: Column): SQL {
  return sql`excluded.${sql.identifier(column.name)}`;
}
