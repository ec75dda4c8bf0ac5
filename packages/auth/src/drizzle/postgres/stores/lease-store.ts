import { and, eq, lte, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

import type { LeaseStore } from "../../../core/stores/lease-store.js";
import { bound, excluded } from "../../placeholder.js";
import type { Connections } from "../connection.js";
import { isAnyOf, nameStatement, whenUsed } from "../statement.js";
import type { PostgresTables } from "../schema.js";

/**
 * Creates the lease store on a migrated PostgreSQL database. A lease is a row and not an advisory lock, because a lock
 * belongs to a connection, and a pooler may give the connection to another client after each transaction.
 */
export function createPostgresLeaseStore(connections: Connections): LeaseStore {
  const { runQuery } = connections.prepare(prepareStatements);

  return {
    acquire: (lease, now) =>
      runQuery(async ({ acquire }) => {
        const { rowCount } = await acquire.execute({ ...lease, now });
        return rowCount === 1;
      }),
    release: (lease) =>
      runQuery(async ({ release }) => {
        await release.execute({ name: lease.name, holder: lease.holder });
      }),
    deleteExpired: (now, limit) =>
      runQuery(async ({ deleteExpired }) => {
        const { rowCount } = await deleteExpired.execute({ now, limit });
        return rowCount ?? 0;
      }),
  };
}

function prepareStatements(
  database: NodePgDatabase,
  { authLease }: PostgresTables,
) {
  const { name, holder, expiresAt } = authLease;
  // Scans the table, which has about one row for each refresh in progress.
  const expired = database
    .select({ name })
    .from(authLease)
    .where(lte(expiresAt, bound(expiresAt, "now")))
    .limit(sql.placeholder("limit"))
    .for("update", { skipLocked: true });

  return {
    acquire: whenUsed(() =>
      database
        .insert(authLease)
        .values({
          name: bound(name, "name"),
          holder: bound(holder, "holder"),
          expiresAt: bound(expiresAt, "expiresAt"),
        })
        .onConflictDoUpdate({
          target: name,
          set: { holder: excluded(holder), expiresAt: excluded(expiresAt) },
          setWhere: sql`${holder} = ${excluded(holder)} or ${expiresAt} <= ${bound(expiresAt, "now")}`,
        })
        .prepare(nameStatement(authLease, "acquire")),
    ),
    release: whenUsed(() =>
      database
        .delete(authLease)
        .where(
          and(
            eq(name, bound(name, "name")),
            eq(holder, bound(holder, "holder")),
          ),
        )
        .prepare(nameStatement(authLease, "release")),
    ),
    deleteExpired: whenUsed(() =>
      database
        .delete(authLease)
        .where(isAnyOf(name, expired))
        .prepare(nameStatement(authLease, "delete_expired")),
    ),
  };
}
