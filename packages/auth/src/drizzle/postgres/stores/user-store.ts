import { and, eq, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

import type { UserStore } from "../../../core/stores/user-store.js";
import { bound } from "../../placeholder.js";
import type { Connections } from "../connections.js";
import { userTable } from "../schema.js";
import { prepareEndAllOfUser } from "./session-endings.js";
import { prepareUserLists } from "./user-list.js";
import { toEndedSession, toUser } from "../../rows.js";
import type { UserRow } from "../../rows.js";

/** Creates the user store on a migrated PostgreSQL database. */
export function createPostgresUserStore(connections: Connections): UserStore {
  const { ask, transact } = connections.prepare(prepareStatements);

  return {
    find: (id) => ask(({ find }) => find.execute({ id }).then(toUserIfAny)),
    findByObjectId: (tenantId, objectId) =>
      ask(({ findByObjectId }) =>
        findByObjectId.execute({ tenantId, objectId }).then(toUserIfAny),
      ),
    // Two statements, because the second has to see what was started while the first waited for the user's row.
    disable: (id, tenantId, disabledAt) =>
      transact(async ({ disable, endSessions }) => {
        const { rowCount } = await disable.execute({
          id,
          tenantId,
          disabledAt,
        });
        if (rowCount === 0) return undefined;
        const rows = await endSessions.execute({ userId: id });
        return rows.map(toEndedSession);
      }),
    enable: (id, tenantId) =>
      ask(async ({ enable }) => {
        const { rowCount } = await enable.execute({ id, tenantId });
        return rowCount === 1;
      }),
    list: ({ tenantId, search = "", after, limit }) =>
      ask(async ({ list, listAfter }) => {
        const values = { tenantId, search, limit };
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

const { id, tenantId, objectId, disabledAt } = userTable;
const isUser = eq(id, bound(id, "id"));
const isOfTenant = eq(tenantId, bound(tenantId, "tenantId"));

function prepareStatements(database: NodePgDatabase) {
  return {
    find: database
      .select()
      .from(userTable)
      .where(isUser)
      .prepare("entrada_user_find"),
    findByObjectId: database
      .select()
      .from(userTable)
      .where(and(isOfTenant, eq(objectId, bound(objectId, "objectId"))))
      .prepare("entrada_user_find_by_object_id"),
    ...prepareDisabling(database),
    ...prepareUserLists(database),
  };
}

function prepareDisabling(database: NodePgDatabase) {
  return {
    disable: database
      .update(userTable)
      .set({
        disabledAt: sql`coalesce(${disabledAt}, ${bound(disabledAt, "disabledAt")})`,
      })
      .where(and(isUser, isOfTenant))
      .prepare("entrada_user_disable"),
    endSessions: prepareEndAllOfUser(database),
    enable: database
      .update(userTable)
      .set({ disabledAt: null })
      .where(and(isUser, isOfTenant))
      .prepare("entrada_user_enable"),
  };
}
