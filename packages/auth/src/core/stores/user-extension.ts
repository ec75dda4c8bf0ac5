import type { User } from "./user.js";

/** The columns of an app that adds none to its users: `ActiveUser & unknown` is `ActiveUser`. */
export type NoColumns = unknown;

/** A column of a Drizzle table, as far as its value's type is concerned. */
export interface ColumnOf<Value> {
  readonly _: { readonly data: Value };
}

/**
 * The app's own columns of a user, from a table with at most one row for each user. The session and the user are read
 * together with them, in one statement.
 */
export interface UserExtension<Columns> {
  /** The Drizzle table. */
  readonly table: object;
  /** The column that contains the user's ID: the primary key, or a column with a unique index. */
  readonly userId: ColumnOf<string>;
  /** The columns by the names that they have in the user. */
  readonly columns: {
    readonly [Name in keyof Columns]: ColumnOf<Columns[Name]>;
  } & { readonly [Name in keyof User]?: undefined };
}

/** The values of the app's columns: `null` also if the user has no row. */
export type ColumnValues<Columns> = unknown extends Columns
  ? NoColumns
  : { readonly [Name in keyof Columns]: Columns[Name] | null };
