import { and, eq, inArray, sql } from "drizzle-orm";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";

import type { UserStore } from "../../../core/stores/user-store.js";
import { hasId, isOfClient, isOfTenant, isUnclaimed } from "../../client.js";
import { bound } from "../../placeholder.js";
import { toAuthEventRow, toEndedSession, toUser } from "../../rows.js";
import type { UserRow } from "../../rows.js";
import type { RunQuery } from "../connection.js";
import type { SqliteTables } from "../schema.js";
import { whenUsed } from "../statement.js";
import { prepareAppend } from "./audit-store.js";
import { prepareEndAllOfUser } from "./session-endings.js";
import { prepareFind, prepareUserLists } from "./user-list.js";

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
    delete: (id, entry) =>
      runQuery((clientId) =>
        database.transaction(
          () => {
            const values = { clientId, id, userId: id };
            if (statements.find.get(values) === undefined) return undefined;
            if (entry !== undefined)
              statements.append.run({ ...toAuthEventRow(entry), clientId });
            const ended = statements.endSessions.all(values);
            statements.deleteKnown.run(values);
            statements.deleteUnclaimed.run(values);
            return ended.map(toEndedSession);
          },
          { behavior: "immediate" },
        ),
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

function toUserIfAny(row: UserRow | undefined) {
  return row === undefined ? undefined : toUser(row);
}

function prepareStatements(
  database: BetterSQLite3Database,
  tables: SqliteTables,
) {
  const { authUser } = tables;
  return {
    find: prepareFind(database, tables, hasId(authUser)),
    findByObjectId: prepareFind(
      database,
      tables,
      and(
        isOfTenant(authUser),
        eq(authUser.objectId, bound(authUser.objectId, "objectId")),
      ),
    ),
    ...prepareDisabling(database, tables),
    ...prepareDeletion(database, tables),
    ...prepareUserLists(database, tables),
  };
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
    .where(and(hasId(authUser), isOfTenant(authUser)));
  const isUserOfTenant = and(
    isOfClient(authUserClient),
    inArray(authUserClient.userId, users),
  );

  return {
    disable: whenUsed(() =>
      database
        .update(authUserClient)
        .set({
          disabledAt: sql`ifnull(${disabledAt}, ${bound(disabledAt, "disabledAt")})`,
        })
        .where(isUserOfTenant)
        .prepare(),
    ),
    endSessions: prepareEndAllOfUser(database, tables),
    enable: whenUsed(() =>
      database
        .update(authUserClient)
        .set({ disabledAt: null })
        .where(isUserOfTenant)
        .prepare(),
    ),
  };
}

function prepareDeletion(
  database: BetterSQLite3Database,
  tables: SqliteTables,
) {
  const { authUserClient } = tables;
  const isUser = eq(authUserClient.userId, sql.placeholder("userId"));
  return {
    append: prepareAppend(database, tables),
    // A trigger deletes the user with the last of these rows.
    deleteKnown: whenUsed(() =>
      database
        .delete(authUserClient)
        .where(and(isUser, isOfClient(authUserClient)))
        .prepare(),
    ),
    deleteUnclaimed: whenUsed(() =>
      database
        .delete(authUserClient)
        .where(and(isUser, isUnclaimed(authUserClient)))
        .prepare(),
    ),
  };
}
