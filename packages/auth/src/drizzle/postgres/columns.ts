import { customType } from "drizzle-orm/pg-core";
import { toStorable } from "../../core/text.js";

/**
 * A text column. The migrations add COLLATE "C", which drizzle-kit cannot read: text is then compared by bytes, and an index
 * stays valid when an update of the operating system changes its collations.
 */
export const text = customType<{ data: string; driverData: string }>({
  dataType: () => "text",
  toDriver: toStorable,
});

/** An instant to the millisecond. */
export const instant = customType<{ data: Date; driverData: string }>({
  dataType: () => "timestamp (3) with time zone",
  toDriver: (date) => date.toISOString(),
  fromDriver: parseInstant,
});

/** A list of strings. */
export const list = customType<{
  data: readonly string[];
  driverData: unknown;
}>({
  dataType: () => "jsonb",
  toDriver: (texts) => JSON.stringify(texts.map(toStorable)),
  fromDriver: parseList,
});

// Other styles than ISO are ambiguous: an instant could be read as another day.
const isoStyle = /^\d{4,}-/;

function parseInstant(value: string): Date {
  const date = new Date(value);
  if (!isoStyle.test(value) || Number.isNaN(date.getTime()))
    throw new Error(
      "The database formats timestamps in an unknown style. Set its DateStyle to ISO.",
    );
  return date;
}

function parseList(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value;
  throw new Error(
    "The database contains a value that is not a list of strings.",
  );
}
