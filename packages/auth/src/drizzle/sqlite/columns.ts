import { integer, text } from "drizzle-orm/sqlite-core";

/** An instant to the millisecond. */
export function instant(column: string) {
  return integer(column, { mode: "timestamp_ms" });
}

/** A list of strings. */
export function list(column: string) {
  return text(column, { mode: "json" }).$type<readonly string[]>().notNull();
}
