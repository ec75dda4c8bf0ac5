import { and, eq, inArray, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

import type { UserStore } from "../../../core/stores/user-store.js";
import { hasId, isOfClient, isOfTenant } from "../../client.js";
import { bound } from "../../placeholder.js";
import type { Connections } from "../connection.js";
import { nameStatement, whenUsed } from "../statement.js";
import type { PostgresTables } from "../schema.js";
import { prepareEndAllOfUser } from "./session-endings.js";
import { prepareFind, prepareUserLists } from "./user-list.js";
import { toEndedSession, toUser } from "../../rows.js";
import type { UserRow } from "../../rows.js";

/** Creates the user store on a migrated PostgreSQL database. */
export function createPostgresUserStore(connections: Connections): UserStore {
  const { runQuery, transact } = connections.prepare(prepareStatements);

  return {
    find: (id) =>
      runQuery(({ find }, clientId) =>
        find.execute({ clientId, id }).then(toUserIfAny),
      ),
    findByObjectId: (tenantId, objectId) =>
      runQuery(({ findByObjectId }, clientId) =>
        findByObjectId
          .execute({ clientId, tenantId, objectId })
          .then(toUserIfAny),
      ),
    // Two statements, because the second must see sessions that started while the first waited for the user's row.
    disable: (id, tenantId, disabledAt) =>
      transact(async ({ disable, endSessions }, clientId) => {
        const { rowCount } = await disable.execute({
          clientId,
          id,
          tenantId,
          disabledAt,
        });
        if (rowCount === 0) return undefined;
        const rows = await endSessions.execute({ clientId, userId: id });
        return rows.map(toEndedSession);
      }),
    enable: (id, tenantId) =>
      runQuery(async ({ enable }, clientId) => {
        const { rowCount } = await enable.execute({ clientId, id, tenantId });
        return rowCount === 1;
      }),
    list: ({ tenantId, search = "", after, limit }) =>
      runQuery(async ({ list, listAfter }, clientId) => {
        const values = { clientId, tenantId, search, limit };
        const rows = await (after === undefined
          ? list.execute(values)
          : listAfter.execute({ ...values, after }));
        return rows.map(toUser);
      }),
  };
}

function toUserIfAny([row]: readonly UserRow[]) {
  return row === undefined ? undefined : toUser(row);
}

function prepareStatements(database: NodePgDatabase, tables: PostgresTables) {
  const { authUser } = tables;
  const { objectId } = authUser;
  return {
    find: prepareFind(database, tables, "find", hasId(authUser)),
    findByObjectId: prepareFind(
      database,
      tables,
      "find_by_object_id",
      and(isOfTenant(authUser), eq(objectId, bound(objectId, "objectId"))),
    ),
    ...prepareDisabling(database, tables),
    ...prepareUserLists(database, tables),
  };
}

function prepareDisabling(database: NodePgDatabase, tables: PostgresTables) {
  const { authUser, authUserClient } = tables;
  const { userId, disabledAt } = authUserClient;
  const users = database
    .select({ id: authUser.id })
    .from(authUser)
    .where(and(hasId(authUser), isOfTenant(authUser)));
  const isUserOfTenant = and(
    isOfClient(authUserClient),
    inArray(userId, users),
  );
  return {
    disable: whenUsed(() =>
      database
        .update(authUserClient)
        .set({
          disabledAt: sql`coalesce(${disabledAt}, ${bound(disabledAt, "disabledAt")})`,
        })
        .where(isUserOfTenant)
        .prepare(nameStatement(authUser, "disable")),
    ),
    endSessions: prepareEndAllOfUser(database, tables),
    enable: whenUsed(() =>
      database
        .update(authUserClient)
        .set({ disabledAt: null })
        .where(isUserOfTenant)
        .prepare(nameStatement(authUser, "enable")),
    ),
  };
}
