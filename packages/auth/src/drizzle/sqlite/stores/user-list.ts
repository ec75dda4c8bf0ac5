import { and, eq, exists, getTableColumns, gte, or, sql } from "drizzle-orm";
import type { Column, SQL } from "drizzle-orm";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";
import { alias } from "drizzle-orm/sqlite-core";

import { isOfClient, isOfTenant, joinUserColumns } from "../../client.js";
import type { UserRow } from "../../rows.js";
import type { Statement } from "../statement.js";
import type { SqliteTables } from "../schema.js";
import { whenUsed } from "../statement.js";

/** The prepared statements that list an organisation's users. */
export interface UserLists {
  readonly list: Statement<UserRow>;
  readonly listAfter: Statement<UserRow>;
}

/** Prepares the statement that finds a user with their data at the client. */
export function prepareFind(
  database: BetterSQLite3Database,
  tables: SqliteTables,
  condition: SQL | undefined,
): Statement<UserRow> {
  return whenUsed(() => selectUsers(database, tables, condition).prepare());
}

/** Prepares the statements that list an organisation's users: the first page, and the page after a user. */
export function prepareUserLists(
  database: BetterSQLite3Database,
  tables: SqliteTables,
): UserLists {
  return {
    list: prepareList(database, tables, isOfTenant(tables.authUser)),
    listAfter: prepareList(database, tables, isAfter(database, tables)),
  };
}

function selectUsers(
  database: BetterSQLite3Database,
  { authUser, authUserClient }: SqliteTables,
  condition: SQL | undefined,
) {
  return database
    .select(
      joinUserColumns(
        getTableColumns(authUser),
        getTableColumns(authUserClient),
      ),
    )
    .from(authUser)
    .innerJoin(authUserClient, eq(authUserClient.userId, authUser.id))
    .where(and(isOfClient(authUserClient), condition));
}

function orderedName({ authUser }: SqliteTables) {
  return sql`${authUser.name} COLLATE NOCASE`;
}

function prepareList(
  database: BetterSQLite3Database,
  tables: SqliteTables,
  condition: SQL | undefined,
) {
  const { authUser } = tables;
  return whenUsed(() =>
    selectUsers(
      database,
      tables,
      and(
        condition,
        or(contains(authUser.name), contains(authUser.preferredUsername)),
      ),
    )
      .orderBy(orderedName(tables), authUser.id)
      .limit(sql.placeholder("limit"))
      .prepare(),
  );
}

// `instr` has no wildcards. Every string contains the empty string.
function contains(column: Column): SQL {
  return sql`instr(lower(${column}), lower(${sql.placeholder("search")})) > 0`;
}

// A missing cursor row (a user who was deleted, is unknown to the client or belongs to another organisation) yields NULL, so
// the page is empty. The name is also compared alone, because SQLite cannot use the index for a row value with a collation.
function isAfter(database: BetterSQLite3Database, tables: SqliteTables) {
  const { authUser, authUserClient } = tables;
  const last = alias(authUser, "last");
  const known = database
    .select({ id: authUserClient.userId })
    .from(authUserClient)
    .where(and(isOfClient(authUserClient), eq(authUserClient.userId, last.id)));
  const isLast = and(
    eq(last.id, sql.placeholder("after")),
    isOfTenant(last),
    exists(known),
  );
  const name = database.select({ name: last.name }).from(last).where(isLast);
  const position = database
    .select({ name: last.name, id: last.id })
    .from(last)
    .where(isLast);
  return and(
    isOfTenant(authUser),
    gte(orderedName(tables), name),
    sql`(${orderedName(tables)}, ${authUser.id}) > ${position}`,
  );
}
