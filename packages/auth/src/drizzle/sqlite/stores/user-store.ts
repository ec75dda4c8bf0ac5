import { and, eq, gte, or, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";
import { alias } from "drizzle-orm/sqlite-core";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";

import type { UserStore } from "../../../core/stores/user-store.js";
import { toEndedSession, toUser } from "../../rows.js";
import type { UserRow } from "../../rows.js";
import type { Answer } from "../error.js";
import { bound } from "../../placeholder.js";
import type { SqliteTables } from "../schema.js";
import { prepareEndAllOfUser } from "./session-endings.js";

/** Creates the user store on a migrated SQLite database. */
export function createSqliteUserStore(
  database: BetterSQLite3Database,
  tables: SqliteTables,
  answer: Answer,
): UserStore {
  const statements = prepareStatements(database, tables);

  return {
    find: (id) => answer(() => toUserIfAny(statements.find.get({ id }))),
    findByObjectId: (tenantId, objectId) =>
      answer(() =>
        toUserIfAny(statements.findByObjectId.get({ tenantId, objectId })),
      ),
    disable: (id, tenantId, disabledAt) =>
      answer(() =>
        database.transaction(
          () => {
            const values = { id, tenantId, disabledAt };
            if (statements.disable.run(values).changes === 0) return undefined;
            return statements.endSessions
              .all({ userId: id })
              .map(toEndedSession);
          },
          { behavior: "immediate" },
        ),
      ),
    enable: (id, tenantId) =>
      answer(() => statements.enable.run({ id, tenantId }).changes > 0),
    list: ({ tenantId, search = "", after, limit }) =>
      answer(() => {
        const values = { tenantId, search, limit };
        const rows =
          after === undefined
            ? statements.list.all(values)
            : statements.listAfter.all({ ...values, after });
        return rows.map(toUser);
      }),
  };
}

function toUserIfAny(row: UserRow | undefined) {
  return row === undefined ? undefined : toUser(row);
}

function prepareStatements(
  database: BetterSQLite3Database,
  tables: SqliteTables,
) {
  const { authUser } = tables;
  return {
    find: database.select().from(authUser).where(isUser(tables)).prepare(),
    findByObjectId: database
      .select()
      .from(authUser)
      .where(
        and(
          isOfTenant(tables),
          eq(authUser.objectId, sql.placeholder("objectId")),
        ),
      )
      .prepare(),
    ...prepareDisabling(database, tables),
    list: prepareList(database, tables, isOfTenant(tables)),
    listAfter: prepareList(database, tables, isAfter(database, tables)),
  };
}

function isUser({ authUser }: SqliteTables) {
  return eq(authUser.id, sql.placeholder("id"));
}

function isOfTenant({ authUser }: SqliteTables) {
  return eq(authUser.tenantId, sql.placeholder("tenantId"));
}

function prepareDisabling(
  database: BetterSQLite3Database,
  tables: SqliteTables,
) {
  const { authUser } = tables;
  const { disabledAt } = authUser;

  return {
    disable: database
      .update(authUser)
      .set({
        disabledAt: sql`ifnull(${disabledAt}, ${bound(disabledAt, "disabledAt")})`,
      })
      .where(and(isUser(tables), isOfTenant(tables)))
      .prepare(),
    endSessions: prepareEndAllOfUser(database, tables),
    enable: database
      .update(authUser)
      .set({ disabledAt: null })
      .where(and(isUser(tables), isOfTenant(tables)))
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
  return database
    .select()
    .from(authUser)
    .where(
      and(
        condition,
        or(contains(authUser.name), contains(authUser.preferredUsername)),
      ),
    )
    .orderBy(orderedName(tables), authUser.id)
    .limit(sql.placeholder("limit"))
    .prepare();
}

// `instr` knows no wildcards. An empty text is found in every other.
function contains(column: SQLiteColumn): SQL {
  return sql`instr(lower(${column}), lower(${sql.placeholder("search")})) > 0`;
}

// A cursor of a deleted user, or of another organisation's, yields NULL, so the page is empty. The names are compared once
// more alone, because SQLite finds no place in the index by a row value with a collation.
function isAfter(database: BetterSQLite3Database, tables: SqliteTables) {
  const { authUser } = tables;
  const last = alias(authUser, "last");
  const isLast = and(
    eq(last.id, sql.placeholder("after")),
    eq(last.tenantId, sql.placeholder("tenantId")),
  );
  const name = database.select({ name: last.name }).from(last).where(isLast);
  const position = database
    .select({ name: last.name, id: last.id })
    .from(last)
    .where(isLast);
  return and(
    isOfTenant(tables),
    gte(orderedName(tables), name),
    sql`(${orderedName(tables)}, ${authUser.id}) > ${position}`,
  );
}
