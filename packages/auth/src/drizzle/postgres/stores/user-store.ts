import { and, eq, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

import type { UserStore } from "../../../core/stores/user-store.js";
import { bound } from "../../placeholder.js";
import type { Connections } from "../connections.js";
import { nameStatement } from "../statement-name.js";
import type { PostgresTables } from "../schema.js";
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

function isUser({ authUser: { id } }: PostgresTables) {
  return eq(id, bound(id, "id"));
}

function isOfTenant({ authUser: { tenantId } }: PostgresTables) {
  return eq(tenantId, bound(tenantId, "tenantId"));
}

function prepareStatements(database: NodePgDatabase, tables: PostgresTables) {
  const { authUser } = tables;
  const { objectId } = authUser;
  return {
    find: database
      .select()
      .from(authUser)
      .where(isUser(tables))
      .prepare(nameStatement(authUser, "find")),
    findByObjectId: database
      .select()
      .from(authUser)
      .where(and(isOfTenant(tables), eq(objectId, bound(objectId, "objectId"))))
      .prepare(nameStatement(authUser, "find_by_object_id")),
    ...prepareDisabling(database, tables),
    ...prepareUserLists(database, tables),
  };
}

function prepareDisabling(database: NodePgDatabase, tables: PostgresTables) {
  const { authUser } = tables;
  const { disabledAt } = authUser;
  return {
    disable: database
      .update(authUser)
      .set({
        disabledAt: sql`coalesce(${disabledAt}, ${bound(disabledAt, "disabledAt")})`,
      })
      .where(and(isUser(tables), isOfTenant(tables)))
      .prepare(nameStatement(authUser, "disable")),
    endSessions: prepareEndAllOfUser(database, tables),
    enable: database
      .update(authUser)
      .set({ disabledAt: null })
      .where(and(isUser(tables), isOfTenant(tables)))
      .prepare(nameStatement(authUser, "enable")),
  };
}
