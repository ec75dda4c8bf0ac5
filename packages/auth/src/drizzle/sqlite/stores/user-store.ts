import {
  and,
  eq,
  exists,
  getTableColumns,
  gte,
  inArray,
  or,
  sql,
} from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";
import { alias } from "drizzle-orm/sqlite-core";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";

import type { UserStore } from "../../../core/stores/user-store.js";
import { toEndedSession, toUser } from "../../rows.js";
import type { UserRow } from "../../rows.js";
import type { RunQuery } from "../error.js";
import { isOfClient, joinUserColumns } from "../../client.js";
import { bound } from "../../placeholder.js";
import type { SqliteTables } from "../schema.js";
import { prepareEndAllOfUser } from "./session-endings.js";

/** Creates the user store on a migrated SQLite database. */
export function createSqliteUserStore(
  database: BetterSQLite3Database,
  tables: SqliteTables,
  runQuery: RunQuery,
): UserStore {
  const statements = prepareStatements(database, tables);

  return {
    find: (id) =>
      runQuery((clientId) =>
        toUserIfAny(statements.find.get({ clientId, id })),
      ),
    findByObjectId: (tenantId, objectId) =>
      runQuery((clientId) =>
        toUserIfAny(
          statements.findByObjectId.get({ clientId, tenantId, objectId }),
        ),
      ),
    disable: (id, tenantId, disabledAt) =>
      runQuery((clientId) =>
        database.transaction(
          () => {
            const values = { clientId, id, tenantId, disabledAt };
            if (statements.disable.run(values).changes === 0) return undefined;
            return statements.endSessions
              .all({ clientId, userId: id })
              .map(toEndedSession);
          },
          { behavior: "immediate" },
        ),
      ),
    enable: (id, tenantId) =>
      runQuery(
        (clientId) =>
          statements.enable.run({ clientId, id, tenantId }).changes > 0,
      ),
    list: ({ tenantId, search = "", after, limit }) =>
      runQuery((clientId) => {
        const values = { clientId, tenantId, search, limit };
        const rows =
          after === undefined
            ? statements.list.all(values)
            : statements.listAfter.all({ ...values, after });
        return rows.map(toUser);
      }),
  };
}

type AuthUser = Record<"id" | "tenantId", SQLiteColumn>;

function toUserIfAny(row: UserRow | undefined) {
  return row === undefined ? undefined : toUser(row);
}

function prepareStatements(
  database: BetterSQLite3Database,
  tables: SqliteTables,
) {
  const { authUser } = tables;
  return {
    find: selectUsers(database, tables, isUser(authUser)).prepare(),
    findByObjectId: selectUsers(
      database,
      tables,
      and(
        isOfTenant(authUser),
        eq(authUser.objectId, sql.placeholder("objectId")),
      ),
    ).prepare(),
    ...prepareDisabling(database, tables),
    list: prepareList(database, tables, isOfTenant(authUser)),
    listAfter: prepareList(database, tables, isAfter(database, tables)),
  };
}

function isUser({ id }: Pick<AuthUser, "id">) {
  return eq(id, sql.placeholder("id"));
}

function isOfTenant({ tenantId }: Pick<AuthUser, "tenantId">) {
  return eq(tenantId, sql.placeholder("tenantId"));
}

/** Selects users with their data at the client. */
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

function prepareDisabling(
  database: BetterSQLite3Database,
  tables: SqliteTables,
) {
  const { authUser, authUserClient } = tables;
  const { disabledAt } = authUserClient;
  const users = database
    .select({ id: authUser.id })
    .from(authUser)
    .where(and(isUser(authUser), isOfTenant(authUser)));
  const isUserOfTenant = and(
    isOfClient(authUserClient),
    inArray(authUserClient.userId, users),
  );

  return {
    disable: database
      .update(authUserClient)
      .set({
        disabledAt: sql`ifnull(${disabledAt}, ${bound(disabledAt, "disabledAt")})`,
      })
      .where(isUserOfTenant)
      .prepare(),
    endSessions: prepareEndAllOfUser(database, tables),
    enable: database
      .update(authUserClient)
      .set({ disabledAt: null })
      .where(isUserOfTenant)
      .prepare(),
  };
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
  return selectUsers(
    database,
    tables,
    and(
      condition,
      or(contains(authUser.name), contains(authUser.preferredUsername)),
    ),
  )
    .orderBy(orderedName(tables), authUser.id)
    .limit(sql.placeholder("limit"))
    .prepare();
}

// `instr` has no wildcards. Every string contains the empty string.
function contains(column: SQLiteColumn): SQL {
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
