import {
  and,
  desc,
  eq,
  getTableColumns,
  gte,
  isNull,
  lt,
  sql,
} from "drizzle-orm";
import type { Column, SQL } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { unionAll } from "drizzle-orm/pg-core";

import type { AuditRecordId } from "../../../core/identifiers.js";
import type { AuditStore } from "../../../core/stores/audit-store.js";
import { bound } from "../../placeholder.js";
import type { Connections } from "../connections.js";
import { isAnyOf } from "../locking.js";
import { authEventTable, userTable } from "../schema.js";
import { toAuditEntry, toAuthEventRow } from "../../rows.js";

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
  return {
    append: prepareAppend(database),
    list: selectEntries(database, isOfTenant).prepare("entrada_audit_list"),
    // Each half comes from the index in order and stops at the limit; an OR would have PostgreSQL read and sort the
    // whole trail.
    listWithUnattributed: unionAll(
      selectEntries(database, isOfTenant),
      selectEntries(database, isOfNobody),
    )
      .orderBy(desc(orderedId))
      .limit(sql.placeholder("limit"))
      .prepare("entrada_audit_list_with_unattributed"),
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

// The names are looked up for each entry that is answered: PostgreSQL plans for limits that it does not know, and would
// rather read every user for a join.
function selectEntries(database: NodePgDatabase, condition: SQL | undefined) {
  const { userId, actorId } = authEventTable;
  return database
    .select({
      event: { ...getTableColumns(authEventTable), id: orderedId },
      userName: sql<string | null>`${selectName(database, userId)}`,
      actorName: sql<string | null>`${selectName(database, actorId)}`,
    })
    .from(authEventTable)
    .where(condition)
    .orderBy(desc(tenantId), desc(id))
    .limit(sql.placeholder("limit"));
}

function selectName(database: NodePgDatabase, userId: Column) {
  return database
    .select({ name: userTable.name })
    .from(userTable)
    .where(eq(userTable.id, userId));
}

// Named, because the order of a UNION ALL can refer to its columns by their names alone.
const orderedId = sql<AuditRecordId>`${id}`.as("event_id");

// A range of the index, and no equality: for one organisation alone PostgreSQL may as well follow the primary key
// backwards, and where that organisation has few entries it would read the whole trail.
const isOfTenant = and(
  gte(tenantId, bound(tenantId, "tenantId")),
  sql`(${tenantId}, ${id}) < (${bound(tenantId, "tenantId")}, ${bound(id, "before")})`,
);

const isOfNobody = and(isNull(tenantId), lt(id, bound(id, "before")));
