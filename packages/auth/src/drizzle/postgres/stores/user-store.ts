import { and, eq, inArray, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

import type { UserStore } from "../../../core/stores/user-store.js";
import { hasId, isOfClient, isOfTenant, isUnclaimed } from "../../client.js";
import { bound } from "../../placeholder.js";
import type { Connections } from "../connection.js";
import { nameStatement, whenUsed } from "../statement.js";
import type { PostgresTables } from "../schema.js";
import { prepareAppend } from "./audit-store.js";
import { prepareEndAllOfUser } from "./session-endings.js";
import { prepareFind, prepareUserLists } from "./user-list.js";
import { toAuthEventRow, toEndedSession, toUser } from "../../rows.js";
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
    // Locks the user first, as an admission does.
    delete: (id, entry) =>
      transact(async (statements, clientId) => {
        const values = { clientId, id, userId: id };
        await statements.lock.execute(values);
        const [known] = await statements.find.execute(values);
        if (known === undefined) return undefined;
        if (entry !== undefined)
          await statements.append.execute({
            ...toAuthEventRow(entry),
            clientId,
          });
        const ended = await statements.endSessions.execute(values);
        await statements.deleteKnown.execute(values);
        await statements.deleteUnclaimed.execute(values);
        return ended.map(toEndedSession);
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
    ...prepareDeletion(database, tables),
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

function prepareDeletion(database: NodePgDatabase, tables: PostgresTables) {
  const { authUser, authUserClient } = tables;
  const { userId } = authUserClient;
  const isUser = eq(userId, bound(userId, "userId"));
  return {
    lock: whenUsed(() =>
      database
        .select({ id: authUser.id })
        .from(authUser)
        .where(hasId(authUser))
        .for("update")
        .prepare(nameStatement(authUser, "lock")),
    ),
    append: prepareAppend(database, tables),
    // A trigger deletes the user with the last of these rows.
    deleteKnown: whenUsed(() =>
      database
        .delete(authUserClient)
        .where(and(isUser, isOfClient(authUserClient)))
        .prepare(nameStatement(authUserClient, "delete")),
    ),
    deleteUnclaimed: whenUsed(() =>
      database
        .delete(authUserClient)
        .where(and(isUser, isUnclaimed(authUserClient)))
        .prepare(nameStatement(authUserClient, "delete_unclaimed")),
    ),
  };
}
