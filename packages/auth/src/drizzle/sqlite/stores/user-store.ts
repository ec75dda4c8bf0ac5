import { and, eq, inArray, sql } from "drizzle-orm";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";

import type { UserStore } from "../../../core/stores/user-store.js";
import { hasId, isOfClient, isOfTenant } from "../../client.js";
import { bound } from "../../placeholder.js";
import { toEndedSession, toUser } from "../../rows.js";
import type { UserRow } from "../../rows.js";
import type { RunQuery } from "../connection.js";
import type { SqliteTables } from "../schema.js";
import { whenUsed } from "../statement.js";
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
