import { and, eq, gt, lte, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

import type { FlowStore } from "../../../core/stores/flow-store.js";
import { bound } from "../../placeholder.js";
import type { Connections } from "../connections.js";
import { isAnyOf } from "../locking.js";
import { flowTable } from "../schema.js";
import { toFlow, toFlowRow } from "../../rows.js";

/** Creates the flow store on a migrated PostgreSQL database. */
export function createPostgresFlowStore(connections: Connections): FlowStore {
  const { ask } = connections.prepare(prepareStatements);

  return {
    add: (flow) =>
      ask(async ({ add }) => {
        await add.execute({ ...toFlowRow(flow) });
      }),
    take: (stateDigest, browserTokenDigest, now) =>
      ask(async ({ take }) => {
        const [row] = await take.execute({
          stateDigest,
          browserTokenDigest,
          now,
        });
        return row === undefined ? undefined : toFlow(row);
      }),
    isPending: (stateDigest, now) =>
      ask(async ({ findPending }) => {
        const rows = await findPending.execute({ stateDigest, now });
        return rows.length > 0;
      }),
    deleteExpired: (now, limit) =>
      ask(async ({ deleteExpired }) => {
        const { rowCount } = await deleteExpired.execute({ now, limit });
        return rowCount ?? 0;
      }),
  };
}

const { stateDigest, browserTokenDigest, expiresAt } = flowTable;

function prepareStatements(database: NodePgDatabase) {
  const isState = eq(stateDigest, bound(stateDigest, "stateDigest"));
  const isBrowser = eq(
    browserTokenDigest,
    bound(browserTokenDigest, "browserTokenDigest"),
  );
  const isUnexpired = gt(expiresAt, bound(expiresAt, "now"));

  return {
    add: prepareAdd(database),
    // One statement, so PostgreSQL itself decides which of several callers gets the flow.
    take: database
      .delete(flowTable)
      .where(and(isState, isBrowser, isUnexpired))
      .returning()
      .prepare("entrada_flow_take"),
    findPending: database
      .select({ expiresAt })
      .from(flowTable)
      .where(and(isState, isUnexpired))
      .prepare("entrada_flow_find_pending"),
    deleteExpired: prepareDeleteExpired(database),
  };
}

function prepareAdd(database: NodePgDatabase) {
  return database
    .insert(flowTable)
    .values({
      stateDigest: bound(stateDigest, "stateDigest"),
      browserTokenDigest: bound(browserTokenDigest, "browserTokenDigest"),
      nonce: bound(flowTable.nonce, "nonce"),
      sealedCodeVerifier: bound(
        flowTable.sealedCodeVerifier,
        "sealedCodeVerifier",
      ),
      scopes: bound(flowTable.scopes, "scopes"),
      returnUrl: bound(flowTable.returnUrl, "returnUrl"),
      issuer: bound(flowTable.issuer, "issuer"),
      maxAgeSeconds: bound(flowTable.maxAgeSeconds, "maxAgeSeconds"),
      createdAt: bound(flowTable.createdAt, "createdAt"),
      expiresAt: bound(expiresAt, "expiresAt"),
    })
    .prepare("entrada_flow_add");
}

function prepareDeleteExpired(database: NodePgDatabase) {
  const expired = database
    .select({ stateDigest })
    .from(flowTable)
    .where(lte(expiresAt, bound(expiresAt, "now")))
    .orderBy(expiresAt)
    .limit(sql.placeholder("limit"))
    .for("update", { skipLocked: true });
  return database
    .delete(flowTable)
    .where(isAnyOf(stateDigest, expired))
    .prepare("entrada_flow_delete_expired");
}
