import { and, eq, lte, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

import type { LeaseStore } from "../../../core/stores/lease-store.js";
import { bound, excluded } from "../../placeholder.js";
import type { Connections } from "../connections.js";
import { isAnyOf } from "../locking.js";
import { leaseTable } from "../schema.js";

/**
 * Creates the lease store on a migrated PostgreSQL database. A lease is a row and not an advisory lock, because that
 * belongs to a connection, which a pooler lends to another client after each transaction.
 */
export function createPostgresLeaseStore(connections: Connections): LeaseStore {
  const { ask } = connections.prepare(prepareStatements);

  return {
    acquire: (lease, now) =>
      ask(async ({ acquire }) => {
        const { rowCount } = await acquire.execute({ ...lease, now });
        return rowCount === 1;
      }),
    release: (lease) =>
      ask(async ({ release }) => {
        await release.execute({ name: lease.name, holder: lease.holder });
      }),
    deleteExpired: (now, limit) =>
      ask(async ({ deleteExpired }) => {
        const { rowCount } = await deleteExpired.execute({ now, limit });
        return rowCount ?? 0;
      }),
  };
}

const { name, holder, expiresAt } = leaseTable;

function prepareStatements(database: NodePgDatabase) {
  // Scans the table, which holds few more rows than there are refreshes at this moment.
  const expired = database
    .select({ name })
    .from(leaseTable)
    .where(lte(expiresAt, bound(expiresAt, "now")))
    .limit(sql.placeholder("limit"))
    .for("update", { skipLocked: true });

  return {
    acquire: database
      .insert(leaseTable)
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
      .prepare("entrada_lease_acquire"),
    release: database
      .delete(leaseTable)
      .where(
        and(eq(name, bound(name, "name")), eq(holder, bound(holder, "holder"))),
      )
      .prepare("entrada_lease_release"),
    deleteExpired: database
      .delete(leaseTable)
      .where(isAnyOf(name, expired))
      .prepare("entrada_lease_delete_expired"),
  };
}
