import { sql } from "drizzle-orm";
import type { Column, SQL } from "drizzle-orm";

import type { UserExtension } from "../core/stores/user-extension.js";
import type { User } from "../core/stores/user.js";

/** The types of a table and of its columns in one dialect of Drizzle. */
export interface ExtensionTypes<OwnTable, OwnColumn> {
  /** The module of Drizzle that creates the tables. */
  readonly module: string;
  isTable(value: object): value is OwnTable & object;
  isColumn(value: object): value is OwnColumn & object;
}

/** The app's own columns of a user, with the types of one dialect. */
export interface ParsedExtension<OwnTable, OwnColumn> {
  readonly table: OwnTable;
  readonly userId: OwnColumn;
  readonly columns: Readonly<Record<string, OwnColumn>>;
}

const userFields = {
  id: true,
  tenantId: true,
  objectId: true,
  subject: true,
  name: true,
  preferredUsername: true,
  email: true,
  roles: true,
  groups: true,
  createdAt: true,
  lastSignInAt: true,
  disabledAt: true,
} as const satisfies Readonly<Record<keyof User, true>>;

/** @throws {TypeError} naming the part that is not of this dialect, or the column whose name a user has already. */
export function parseExtension<OwnTable, OwnColumn>(
  { table, userId, columns }: UserExtension<unknown>,
  types: ExtensionTypes<OwnTable, OwnColumn>,
): ParsedExtension<OwnTable, OwnColumn> {
  const requireColumn = (name: string, value: unknown): OwnColumn => {
    if (typeof value === "object" && value !== null && types.isColumn(value))
      return value;
    throw notOfDialect(name, "column", types.module);
  };
  if (!types.isTable(table)) throw notOfDialect("table", "table", types.module);
  return {
    table,
    userId: requireColumn("userId", userId),
    columns: Object.fromEntries(
      Object.entries(columns).map(([name, value]) => {
        requireFreeName(name);
        return [name, requireColumn(`columns.${name}`, value)];
      }),
    ),
  };
}

/** Returns the columns to select. Drizzle would return none of them if the first one is null, unless they are SQL. */
export function selectOwn(
  extension: ParsedExtension<unknown, Column> | undefined,
): Readonly<Record<string, SQL>> {
  return Object.fromEntries(
    Object.entries(extension?.columns ?? {}).map(([name, column]) => [
      name,
      sql`${column}`.mapWith(column),
    ]),
  );
}

function requireFreeName(name: string): void {
  if (!Object.hasOwn(userFields, name)) return;
  throw new TypeError(
    `extendUser.columns.${name} has the name of a field that every user has. Choose another name.`,
  );
}

function notOfDialect(part: string, kind: string, module: string): TypeError {
  return new TypeError(`extendUser.${part} must be a ${kind} of ${module}.`);
}
