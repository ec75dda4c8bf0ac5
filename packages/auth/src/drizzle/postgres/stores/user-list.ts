import { and, eq, exists, getTableColumns, or, sql } from "drizzle-orm";
import type { Column, SQL } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { alias } from "drizzle-orm/pg-core";

import { isOfClient, isOfTenant, joinUserColumns } from "../../client.js";
import { bound } from "../../placeholder.js";
import { nameStatement, whenUsed } from "../statement.js";
import type { UserRow } from "../../rows.js";
import type { Statement } from "../statement.js";
import type { PostgresTables } from "../schema.js";

/** The prepared statements that list an organisation's users. */
export interface UserLists {
  readonly list: Statement<UserRow>;
  readonly listAfter: Statement<UserRow>;
}

/** Prepares the statement that finds a user with their data at the client. */
export function prepareFind(
  database: NodePgDatabase,
  tables: PostgresTables,
  action: string,
  condition: SQL | undefined,
): Statement<UserRow> {
  return whenUsed(() =>
    selectUsers(database, tables, condition).prepare(
      nameStatement(tables.authUser, action),
    ),
  );
}

/** Prepares the statements that list an organisation's users: the first page, and the page after a user. */
export function prepareUserLists(
  database: NodePgDatabase,
  tables: PostgresTables,
): UserLists {
  return {
    list: prepareList(database, tables, "list", undefined),
    listAfter: prepareList(
      database,
      tables,
      "list_after",
      isAfter(database, tables),
    ),
  };
}

function selectUsers(
  database: NodePgDatabase,
  { authUser, authUserClient }: PostgresTables,
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

// With the column's collation, `lower` changes only ASCII letters, and comparison is by bytes.
function lowerName({ authUser }: PostgresTables) {
  return sql`lower(${authUser.name})`;
}

function prepareList(
  database: NodePgDatabase,
  tables: PostgresTables,
  action: string,
  position: SQL | undefined,
) {
  const { authUser } = tables;
  const { id, name, preferredUsername } = authUser;
  return whenUsed(() =>
    selectUsers(
      database,
      tables,
      and(
        isOfTenant(authUser),
        position,
        or(contains(name), contains(preferredUsername)),
      ),
    )
      .orderBy(lowerName(tables), id)
      .limit(sql.placeholder("limit"))
      .prepare(nameStatement(authUser, action)),
  );
}

// `strpos` has no wildcards. Every string contains the empty string.
function contains(column: Column): SQL {
  return sql`strpos(lower(${column}), lower(${bound(column, "search")} COLLATE "C")) > 0`;
}

// A missing cursor row (a user who is unknown to the client or belongs to another organisation) yields NULL, so the page is
// empty.
function isAfter(database: NodePgDatabase, tables: PostgresTables): SQL {
  const { authUser, authUserClient } = tables;
  const { id } = authUser;
  const last = alias(authUser, "last");
  const known = database
    .select({ userId: authUserClient.userId })
    .from(authUserClient)
    .where(and(isOfClient(authUserClient), eq(authUserClient.userId, last.id)));
  const position = database
    .select({ name: sql`lower(${last.name})`, id: last.id })
    .from(last)
    .where(
      and(eq(last.id, bound(id, "after")), isOfTenant(last), exists(known)),
    );
  return sql`(${lowerName(tables)}, ${id}) > ${position}`;
}
