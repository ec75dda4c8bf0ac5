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
import { userTable } from "../schema.js";
import { prepareEndAllOfUser } from "./session-endings.js";

/** Creates the user store on a migrated SQLite database. */
export function createSqliteUserStore(
  database: BetterSQLite3Database,
  answer: Answer,
): UserStore {
  const statements = prepareStatements(database);

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

function prepareStatements(database: BetterSQLite3Database) {
  return {
    find: database.select().from(userTable).where(isUser).prepare(),
    findByObjectId: database
      .select()
      .from(userTable)
      .where(
        and(isOfTenant, eq(userTable.objectId, sql.placeholder("objectId"))),
      )
      .prepare(),
    ...prepareDisabling(database),
    list: prepareList(database, isOfTenant),
    listAfter: prepareList(database, isAfter(database)),
  };
}

const isUser = eq(userTable.id, sql.placeholder("id"));
const isOfTenant = eq(userTable.tenantId, sql.placeholder("tenantId"));

function prepareDisabling(database: BetterSQLite3Database) {
  const { disabledAt } = userTable;

  return {
    disable: database
      .update(userTable)
      .set({
        disabledAt: sql`ifnull(${disabledAt}, ${bound(disabledAt, "disabledAt")})`,
      })
      .where(and(isUser, isOfTenant))
      .prepare(),
    endSessions: prepareEndAllOfUser(database),
    enable: database
      .update(userTable)
      .set({ disabledAt: null })
      .where(and(isUser, isOfTenant))
      .prepare(),
  };
}

const lowerName = sql`lower(${userTable.name})`;

function prepareList(
  database: BetterSQLite3Database,
  condition: SQL | undefined,
) {
  return database
    .select()
    .from(userTable)
    .where(
      and(
        condition,
        or(contains(userTable.name), contains(userTable.preferredUsername)),
      ),
    )
    .orderBy(lowerName, userTable.id)
    .limit(sql.placeholder("limit"))
    .prepare();
}

// `instr` knows no wildcards. An empty text is found in every other.
function contains(column: SQLiteColumn): SQL {
  return sql`instr(lower(${column}), lower(${sql.placeholder("search")})) > 0`;
}

// Nobody comes after a user who is gone, or of another organisation: nothing is greater than nothing. The names are
// compared once more alone, because SQLite finds no place in an index of expressions by a row value.
function isAfter(database: BetterSQLite3Database) {
  const last = alias(userTable, "last");
  const lastName = sql`lower(${last.name})`;
  const isLast = and(
    eq(last.id, sql.placeholder("after")),
    eq(last.tenantId, sql.placeholder("tenantId")),
  );
  const name = database.select({ lastName }).from(last).where(isLast);
  const position = database
    .select({ lastName, id: last.id })
    .from(last)
    .where(isLast);
  return and(
    isOfTenant,
    gte(lowerName, name),
    sql`(${lowerName}, ${userTable.id}) > ${position}`,
  );
}
