import { and, eq, gt, lte, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

import type { FlowStore } from "../../../core/stores/flow-store.js";
import { isOfClient } from "../../client.js";
import { createFlowValues } from "../../insert-values.js";
import { bound } from "../../placeholder.js";
import type { Connections } from "../connection.js";
import { isAnyOf, nameStatement, whenUsed } from "../statement.js";
import type { PostgresTables } from "../schema.js";
import { toFlow, toFlowRow } from "../../rows.js";

/** Creates the flow store on a migrated PostgreSQL database. */
export function createPostgresFlowStore(connections: Connections): FlowStore {
  const { runQuery } = connections.prepare(prepareStatements);

  return {
    add: (flow) =>
      runQuery(async ({ add }, clientId) => {
        await add.execute({ ...toFlowRow(flow), clientId });
      }),
    take: (stateDigest, browserTokenDigest, now) =>
      runQuery(async ({ take }, clientId) => {
        const [row] = await take.execute({
          clientId,
          stateDigest,
          browserTokenDigest,
          now,
        });
        return row === undefined ? undefined : toFlow(row);
      }),
    isPending: (stateDigest, now) =>
      runQuery(async ({ findPending }, clientId) => {
        const rows = await findPending.execute({ clientId, stateDigest, now });
        return rows.length > 0;
      }),
    deleteExpired: (now, limit) =>
      runQuery(async ({ deleteExpired }) => {
        const { rowCount } = await deleteExpired.execute({ now, limit });
        return rowCount ?? 0;
      }),
  };
}

function prepareStatements(database: NodePgDatabase, tables: PostgresTables) {
  const { authFlow } = tables;
  const { stateDigest, browserTokenDigest, expiresAt } = authFlow;
  const isState = and(
    eq(stateDigest, bound(stateDigest, "stateDigest")),
    isOfClient(authFlow),
  );
  const isBrowser = eq(
    browserTokenDigest,
    bound(browserTokenDigest, "browserTokenDigest"),
  );
  const isUnexpired = gt(expiresAt, bound(expiresAt, "now"));

  return {
    add: whenUsed(() =>
      database
        .insert(authFlow)
        .values(createFlowValues(authFlow))
        .prepare(nameStatement(authFlow, "add")),
    ),
    // One statement, so exactly one of several callers gets the flow.
    take: whenUsed(() =>
      database
        .delete(authFlow)
        .where(and(isState, isBrowser, isUnexpired))
        .returning()
        .prepare(nameStatement(authFlow, "take")),
    ),
    findPending: whenUsed(() =>
      database
        .select({ expiresAt })
        .from(authFlow)
        .where(and(isState, isUnexpired))
        .prepare(nameStatement(authFlow, "find_pending")),
    ),
    deleteExpired: prepareDeleteExpired(database, tables),
  };
}

function prepareDeleteExpired(
  database: NodePgDatabase,
  { authFlow }: PostgresTables,
) {
  const { stateDigest, expiresAt } = authFlow;
  const expired = database
    .select({ stateDigest })
    .from(authFlow)
    .where(lte(expiresAt, bound(expiresAt, "now")))
    .orderBy(expiresAt)
    .limit(sql.placeholder("limit"))
    .for("update", { skipLocked: true });
  return whenUsed(() =>
    database
      .delete(authFlow)
      .where(isAnyOf(stateDigest, expired))
      .prepare(nameStatement(authFlow, "delete_expired")),
  );
}
