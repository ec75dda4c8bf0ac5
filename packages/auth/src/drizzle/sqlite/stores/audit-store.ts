import { and, desc, eq, getTableColumns, isNull, lt, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";
import { alias, unionAll } from "drizzle-orm/sqlite-core";

import type { AuditRecordId } from "../../../core/identifiers.js";
import type { AuditStore } from "../../../core/stores/audit-store.js";
import { toAuditEntry, toAuthEventRow } from "../../rows.js";
import { isOfClient } from "../../client.js";
import { createEventValues } from "../../insert-values.js";
import type { RunQuery } from "../connection.js";
import type { SqliteTables } from "../schema.js";
import { whenUsed } from "../statement.js";

/** The prepared statement that adds an entry. */
interface Appending {
  run(values: Readonly<Record<string, unknown>>): unknown;
}

/** Creates the audit store on a migrated SQLite database. */
export function createSqliteAuditStore(
  database: BetterSQLite3Database,
  tables: SqliteTables,
  runQuery: RunQuery,
): AuditStore {
  const statements = prepareStatements(database, tables);

  return {
    append: (record) =>
      runQuery((clientId) => {
        statements.append.run({ ...toAuthEventRow(record), clientId });
      }),
    list: ({ tenantId, includesUnattributed, before, limit }) =>
      runQuery((clientId) => {
        const statement = includesUnattributed
          ? statements.listWithUnattributed
          : statements.list;
        return statement
          .all({ clientId, tenantId, before: before ?? null, limit })
          .map(toAuditEntry);
      }),
    listOfUser: ({ userId, before, limit }) =>
      runQuery((clientId) =>
        statements.listOfUser
          .all({ clientId, userId, before: before ?? null, limit })
          .map(toAuditEntry),
      ),
    deleteBefore: (before, limit) =>
      runQuery((clientId) =>
        database.transaction(() => deleteFirst(clientId, before, limit), {
          behavior: "immediate",
        }),
      ),
  };

  // One by one: the order in which SQLite deletes several rows is undefined, and the oldest entry must be deleted first.
  function deleteFirst(
    clientId: string,
    before: AuditRecordId,
    limit: number,
  ): number {
    let removed = 0;
    while (removed < limit) {
      if (statements.deleteFirst.run({ clientId, before }).changes === 0) break;
      removed += 1;
    }
    return removed;
  }
}

function prepareStatements(
  database: BetterSQLite3Database,
  tables: SqliteTables,
) {
  const { authEvent } = tables;
  const isOfTenant = eq(authEvent.tenantId, sql.placeholder("tenantId"));

  return {
    append: prepareAppend(database, tables),
    list: whenUsed(() =>
      selectEntries(database, tables, isOfTenant)
        .orderBy(desc(orderedId(tables)))
        .limit(sql.placeholder("limit"))
        .prepare(),
    ),
    // SQLite reads each half in the order of the index, merges them and stops at the limit. With an OR it would read and
    // sort the whole table.
    listWithUnattributed: whenUsed(() =>
      unionAll(
        selectEntries(database, tables, isOfTenant),
        selectEntries(database, tables, isNull(authEvent.tenantId)),
      )
        .orderBy(desc(orderedId(tables)))
        .limit(sql.placeholder("limit"))
        .prepare(),
    ),
    listOfUser: whenUsed(() =>
      selectEntries(
        database,
        tables,
        eq(authEvent.userId, sql.placeholder("userId")),
      )
        .orderBy(desc(orderedId(tables)))
        .limit(sql.placeholder("limit"))
        .prepare(),
    ),
    deleteFirst: prepareDeleteFirst(database, tables),
  };
}

/** Prepares the statement that adds an entry, under the organisation of its user. */
export function prepareAppend(
  database: BetterSQLite3Database,
  { authUser, authEvent }: SqliteTables,
): Appending {
  const tenantId = database
    .select({ tenantId: authUser.tenantId })
    .from(authUser)
    .where(eq(authUser.id, sql.placeholder("userId")));
  return whenUsed(() =>
    database
      .insert(authEvent)
      .values(createEventValues(authEvent, tenantId))
      .prepare(),
  );
}

function prepareDeleteFirst(
  database: BetterSQLite3Database,
  { authEvent }: SqliteTables,
) {
  const first = database
    .select({ id: authEvent.id })
    .from(authEvent)
    .where(
      and(isOfClient(authEvent), lt(authEvent.id, sql.placeholder("before"))),
    )
    .orderBy(authEvent.id)
    .limit(1);
  return whenUsed(() =>
    database.delete(authEvent).where(eq(authEvent.id, first)).prepare(),
  );
}

function selectEntries(
  database: BetterSQLite3Database,
  tables: SqliteTables,
  condition: SQL,
) {
  const { authUser, authEvent } = tables;
  const user = alias(authUser, "concerned");
  const actor = alias(authUser, "actor");
  return database
    .select({
      event: { ...getTableColumns(authEvent), id: orderedId(tables) },
      userName: sql<string | null>`${user.name}`,
      actorName: sql<string | null>`${actor.name}`,
    })
    .from(authEvent)
    .leftJoin(user, eq(user.id, authEvent.userId))
    .leftJoin(actor, eq(actor.id, authEvent.actorId))
    .where(and(isOfClient(authEvent), condition, isBefore(tables)));
}

// ORDER BY of a UNION ALL can use only column names, and `id` would be ambiguous.
function orderedId({ authEvent }: SqliteTables) {
  return sql<AuditRecordId>`${authEvent.id}`.as("event_id");
}

// Without an ID to start from, the comparison is with a blob, which SQLite sorts after every text.
function isBefore({ authEvent }: SqliteTables) {
  return lt(authEvent.id, sql`ifnull(${sql.placeholder("before")}, x'')`);
}
