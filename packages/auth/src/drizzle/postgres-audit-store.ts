import { and, desc, eq, isNull, lt, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { alias, unionAll } from "drizzle-orm/pg-core";

import type { AuditStore } from "../core/ports.js";
import { bound } from "./placeholder.js";
import type { Connections } from "./postgres-connections.js";
import { isAnyOf } from "./postgres-locking.js";
import { authEventTable, userTable } from "./postgres-schema.js";
import { toAuditEntry, toAuthEventRow } from "./rows.js";

/** Creates the audit store on a migrated PostgreSQL database. */
export function createPostgresAuditStore(connections: Connections): AuditStore {
  const { ask } = connections.prepare(prepareStatements);

  return {
    append: (record) =>
      ask(async ({ append }) => {
        await append.execute({ ...toAuthEventRow(record) });
      }),
    list: ({ tenantId, includesUnattributed, before = afterAll, limit }) =>
      ask(async ({ list, listWithUnattributed }) => {
        const statement = includesUnattributed ? listWithUnattributed : list;
        const rows = await statement.execute({ tenantId, before, limit });
        return rows.map(toAuditEntry);
      }),
    deleteBefore: (before, limit) =>
      ask(async ({ deleteBefore }) => {
        const { rowCount } = await deleteBefore.execute({ before, limit });
        return rowCount ?? 0;
      }),
  };
}

// By its bytes, it sorts after every ID: without an entry to start from, every entry comes before it.
const afterAll = "\u{10FFFF}";

const { id, tenantId } = authEventTable;

function prepareStatements(database: NodePgDatabase) {
  const ofTenant = selectEvents(
    database,
    eq(tenantId, bound(tenantId, "tenantId")),
  );
  const ofNobody = selectEvents(database, isNull(tenantId));

  return {
    append: prepareAppend(database),
    list: prepareList(database, "entrada_audit_list", ofTenant.as("event")),
    // Each half comes from the index in order and stops at the limit; an OR would have PostgreSQL read and sort the
    // whole trail.
    listWithUnattributed: prepareList(
      database,
      "entrada_audit_list_with_unattributed",
      unionAll(ofTenant, ofNobody).as("event"),
    ),
    deleteBefore: prepareDeleteBefore(database),
  };
}

function prepareAppend(database: NodePgDatabase) {
  const { userId } = authEventTable;
  const tenantOfUser = database
    .select({ tenantId: userTable.tenantId })
    .from(userTable)
    .where(eq(userTable.id, bound(userId, "userId")));
  return database
    .insert(authEventTable)
    .values({
      id: bound(id, "id"),
      type: bound(authEventTable.type, "type"),
      occurredAt: bound(authEventTable.occurredAt, "occurredAt"),
      tenantId: sql`${tenantOfUser}`,
      flowId: bound(authEventTable.flowId, "flowId"),
      sessionId: bound(authEventTable.sessionId, "sessionId"),
      userId: bound(userId, "userId"),
      actorId: bound(authEventTable.actorId, "actorId"),
      code: bound(authEventTable.code, "code"),
      aadsts: bound(authEventTable.aadsts, "aadsts"),
      reason: bound(authEventTable.reason, "reason"),
    })
    .prepare("entrada_audit_append");
}

function prepareDeleteBefore(database: NodePgDatabase) {
  const first = database
    .select({ id })
    .from(authEventTable)
    .where(lt(id, bound(id, "before")))
    .orderBy(id)
    .limit(sql.placeholder("limit"));
  return database
    .delete(authEventTable)
    .where(isAnyOf(id, first))
    .prepare("entrada_audit_delete_before");
}

function selectEvents(database: NodePgDatabase, condition: SQL) {
  return database
    .select()
    .from(authEventTable)
    .where(and(condition, lt(id, bound(id, "before"))))
    .orderBy(desc(id))
    .limit(sql.placeholder("limit"));
}

function prepareList(
  database: NodePgDatabase,
  name: string,
  event: ReturnType<ReturnType<typeof selectEvents>["as"]>,
) {
  const user = alias(userTable, "concerned");
  const actor = alias(userTable, "actor");
  return database
    .select({
      event: event._.selectedFields,
      userName: sql<string | null>`${user.name}`,
      actorName: sql<string | null>`${actor.name}`,
    })
    .from(event)
    .leftJoin(user, eq(user.id, event.userId))
    .leftJoin(actor, eq(actor.id, event.actorId))
    .orderBy(desc(event.id))
    .limit(sql.placeholder("limit"))
    .prepare(name);
}
