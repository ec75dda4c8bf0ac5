import { customType } from "drizzle-orm/pg-core";

/**
 * A text column. The migrations add COLLATE "C", which drizzle-kit cannot read: texts are compared by their bytes then, and
 * an index stays valid when the operating system changes its rules of sorting.
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

/** A list of texts. */
export const list = customType<{
  data: readonly string[];
  driverData: unknown;
}>({
  dataType: () => "jsonb",
  toDriver: (texts) => JSON.stringify(texts.map(toStorable)),
  fromDriver: parseList,
});

// PostgreSQL holds neither U+0000 nor half a surrogate pair; a name with one in it is nobody's, and no failure.
const unstorable = /[\0\p{Surrogate}]/gu;

function toStorable(value: string): string {
  return value.replace(unstorable, "\u{FFFD}");
}

// Any other style than ISO could be read as another day without anybody noticing.
const isoStyle = /^\d{4,}-/;

function parseInstant(value: string): Date {
  const date = new Date(value);
  if (!isoStyle.test(value) || Number.isNaN(date.getTime()))
    throw new Error(
      "The database writes instants in a style that cannot be read. Set its DateStyle to ISO.",
    );
  return date;
}

function parseList(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value;
  throw new Error("The database holds something else than a list of texts.");
}
