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
import { isOfClient } from "../../client.js";
import { createEventValues } from "../../insert-values.js";
import { bound } from "../../placeholder.js";
import type { Connections } from "../connection.js";
import { isAnyOf, nameStatement, whenUsed } from "../statement.js";
import type { PostgresTables } from "../schema.js";
import { toAuditEntry, toAuthEventRow } from "../../rows.js";

/** The prepared statement that adds an entry. */
interface Appending {
  execute(values: Readonly<Record<string, unknown>>): Promise<unknown>;
}

/** Creates the audit store on a migrated PostgreSQL database. */
export function createPostgresAuditStore(connections: Connections): AuditStore {
  const { runQuery } = connections.prepare(prepareStatements);

  return {
    append: (record) =>
      runQuery(async ({ append }, clientId) => {
        await append.execute({ ...toAuthEventRow(record), clientId });
      }),
    list: ({ tenantId, includesUnattributed, before = afterAll, limit }) =>
      runQuery(async ({ list, listWithUnattributed }, clientId) => {
        const statement = includesUnattributed ? listWithUnattributed : list;
        const rows = await statement.execute({
          clientId,
          tenantId,
          before,
          limit,
        });
        return rows.map(toAuditEntry);
      }),
    listOfUser: ({ userId, before = afterAll, limit }) =>
      runQuery(async ({ listOfUser }, clientId) => {
        const values = { clientId, userId, before, limit };
        return (await listOfUser.execute(values)).map(toAuditEntry);
      }),
    deleteBefore: (before, limit) =>
      runQuery(async ({ deleteBefore }, clientId) => {
        const values = { clientId, before, limit };
        const { rowCount } = await deleteBefore.execute(values);
        return rowCount ?? 0;
      }),
  };
}

// Sorts after every ID in any collation, because IDs start with a hexadecimal digit.
const afterAll = "z";

function prepareStatements(database: NodePgDatabase, tables: PostgresTables) {
  const { authEvent } = tables;
  return {
    append: prepareAppend(database, tables),
    list: whenUsed(() =>
      selectEntries(database, tables, isOfTenant(tables)).prepare(
        nameStatement(authEvent, "list"),
      ),
    ),
    // PostgreSQL reads each half in the order of the index and stops at the limit. With an OR it would read and sort the
    // whole table.
    listWithUnattributed: whenUsed(() =>
      unionAll(
        selectEntries(database, tables, isOfTenant(tables)),
        selectEntries(database, tables, isOfNoTenant(tables)),
      )
        .orderBy(desc(orderedId(tables)))
        .limit(sql.placeholder("limit"))
        .prepare(nameStatement(authEvent, "list_with_unattributed")),
    ),
    listOfUser: whenUsed(() =>
      selectEntries(
        database,
        tables,
        isOfUser(tables),
        authEvent.userId,
      ).prepare(nameStatement(authEvent, "list_of_user")),
    ),
    deleteBefore: prepareDeleteBefore(database, tables),
  };
}

/** Prepares the statement that adds an entry, under the organisation of its user. */
export function prepareAppend(
  database: NodePgDatabase,
  { authUser, authEvent }: PostgresTables,
): Appending {
  const tenantId = database
    .select({ tenantId: authUser.tenantId })
    .from(authUser)
    .where(eq(authUser.id, bound(authEvent.userId, "userId")));
  return whenUsed(() =>
    database
      .insert(authEvent)
      .values(createEventValues(authEvent, tenantId))
      .prepare(nameStatement(authEvent, "append")),
  );
}

function prepareDeleteBefore(
  database: NodePgDatabase,
  { authEvent }: PostgresTables,
) {
  const { id, clientId } = authEvent;
  const client = bound(clientId, "clientId");
  // A range and not an equality, so that PostgreSQL uses this index. With the primary key it would read all clients' entries.
  const first = database
    .select({ id })
    .from(authEvent)
    .where(
      and(
        gte(clientId, client),
        sql`(${clientId}, ${id}) < (${client}, ${bound(id, "before")})`,
      ),
    )
    .orderBy(clientId, id)
    .limit(sql.placeholder("limit"));
  return whenUsed(() =>
    database
      .delete(authEvent)
      .where(isAnyOf(id, first))
      .prepare(nameStatement(authEvent, "delete_before")),
  );
}

// Subqueries look up the names of each returned entry. For a join with an unknown limit, PostgreSQL would read every user.
function selectEntries(
  database: NodePgDatabase,
  tables: PostgresTables,
  condition: SQL | undefined,
  leading: Column = tables.authEvent.tenantId,
) {
  const { authEvent } = tables;
  const { id, userId, actorId } = authEvent;
  return database
    .select({
      event: { ...getTableColumns(authEvent), id: orderedId(tables) },
      userName: sql<string | null>`${selectName(database, tables, userId)}`,
      actorName: sql<string | null>`${selectName(database, tables, actorId)}`,
    })
    .from(authEvent)
    .where(and(isOfClient(authEvent), condition))
    .orderBy(desc(leading), desc(id))
    .limit(sql.placeholder("limit"));
}

function selectName(
  database: NodePgDatabase,
  { authUser }: PostgresTables,
  userId: Column,
) {
  return database
    .select({ name: authUser.name })
    .from(authUser)
    .where(eq(authUser.id, userId));
}

// ORDER BY of a UNION ALL can use only column names.
function orderedId({ authEvent }: PostgresTables) {
  return sql<AuditRecordId>`${authEvent.id}`.as("event_id");
}

// A range and not an equality: with an equality PostgreSQL may read the primary key backwards, which is the whole table for
// an organisation with few entries.
function isOfTenant({ authEvent: { id, tenantId } }: PostgresTables) {
  return and(
    gte(tenantId, bound(tenantId, "tenantId")),
    sql`(${tenantId}, ${id}) < (${bound(tenantId, "tenantId")}, ${bound(id, "before")})`,
  );
}

function isOfUser({ authEvent: { id, userId } }: PostgresTables) {
  return and(
    gte(userId, bound(userId, "userId")),
    sql`(${userId}, ${id}) < (${bound(userId, "userId")}, ${bound(id, "before")})`,
  );
}

function isOfNoTenant({ authEvent: { id, tenantId } }: PostgresTables) {
  return and(isNull(tenantId), lt(id, bound(id, "before")));
}
