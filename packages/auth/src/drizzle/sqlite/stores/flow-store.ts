import { and, eq, gt, inArray, lte, sql } from "drizzle-orm";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";

import type { FlowStore } from "../../../core/stores/flow-store.js";
import { toFlow, toFlowRow } from "../../rows.js";
import type { RunQuery } from "../connection.js";
import { isOfClient } from "../../client.js";
import { createFlowValues } from "../../insert-values.js";
import { bound } from "../../placeholder.js";
import type { SqliteTables } from "../schema.js";
import { whenUsed } from "../statement.js";

/** Creates the flow store on a migrated SQLite database. */
export function createSqliteFlowStore(
  database: BetterSQLite3Database,
  tables: SqliteTables,
  runQuery: RunQuery,
): FlowStore {
  const statements = prepareStatements(database, tables);

  return {
    add: (flow) =>
      runQuery((clientId) => {
        statements.add.run({ ...toFlowRow(flow), clientId });
      }),
    take: (stateDigest, browserTokenDigest, now) =>
      runQuery((clientId) => {
        const row = statements.take.get({
          clientId,
          stateDigest,
          browserTokenDigest,
          now,
        });
        return row === undefined ? undefined : toFlow(row);
      }),
    isPending: (stateDigest, now) =>
      runQuery(
        (clientId) =>
          statements.findPending.get({ clientId, stateDigest, now }) !==
          undefined,
      ),
    deleteExpired: (now, limit) =>
      runQuery(() => statements.deleteExpired.run({ now, limit }).changes),
  };
}

function prepareStatements(
  database: BetterSQLite3Database,
  tables: SqliteTables,
) {
  const { authFlow } = tables;
  const isState = and(
    eq(authFlow.stateDigest, sql.placeholder("stateDigest")),
    isOfClient(authFlow),
  );
  const isBrowser = eq(
    authFlow.browserTokenDigest,
    sql.placeholder("browserTokenDigest"),
  );
  const isUnexpired = gt(authFlow.expiresAt, bound(authFlow.expiresAt, "now"));

  return {
    add: whenUsed(() =>
      database.insert(authFlow).values(createFlowValues(authFlow)).prepare(),
    ),
    // One statement, so exactly one of several callers gets the flow.
    take: whenUsed(() =>
      database
        .delete(authFlow)
        .where(and(isState, isBrowser, isUnexpired))
        .returning()
        .prepare(),
    ),
    findPending: whenUsed(() =>
      database
        .select({ expiresAt: authFlow.expiresAt })
        .from(authFlow)
        .where(and(isState, isUnexpired))
        .prepare(),
    ),
    deleteExpired: prepareDeleteExpired(database, tables),
  };
}

function prepareDeleteExpired(
  database: BetterSQLite3Database,
  { authFlow }: SqliteTables,
) {
  const expired = database
    .select({ stateDigest: authFlow.stateDigest })
    .from(authFlow)
    .where(lte(authFlow.expiresAt, bound(authFlow.expiresAt, "now")))
    .orderBy(authFlow.expiresAt)
    .limit(sql.placeholder("limit"));
  return whenUsed(() =>
    database
      .delete(authFlow)
      .where(inArray(authFlow.stateDigest, expired))
      .prepare(),
  );
}
