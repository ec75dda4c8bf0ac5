import { and, eq, inArray, lte, sql } from "drizzle-orm";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";

import type { LeaseStore } from "../../../core/stores/lease-store.js";
import { bound, excluded } from "../../placeholder.js";
import type { RunQuery } from "../connection.js";
import type { SqliteTables } from "../schema.js";
import { whenUsed } from "../statement.js";

/** Creates the lease store on a migrated SQLite database. */
export function createSqliteLeaseStore(
  database: BetterSQLite3Database,
  tables: SqliteTables,
  runQuery: RunQuery,
): LeaseStore {
  const statements = prepareStatements(database, tables);

  return {
    acquire: (lease, now) =>
      runQuery(() => statements.acquire.run({ ...lease, now }).changes > 0),
    release: ({ name, holder }) =>
      runQuery(() => {
        statements.release.run({ name, holder });
      }),
    deleteExpired: (now, limit) =>
      runQuery(() => statements.deleteExpired.run({ now, limit }).changes),
  };
}

function prepareStatements(
  database: BetterSQLite3Database,
  { authLease }: SqliteTables,
) {
  const { name, holder, expiresAt } = authLease;
  const isHeld = eq(holder, sql.placeholder("holder"));
  // Scans the table, which has about one row for each refresh in progress.
  const expired = database
    .select({ name })
    .from(authLease)
    .where(lte(expiresAt, bound(expiresAt, "now")))
    .limit(sql.placeholder("limit"));

  return {
    acquire: whenUsed(() =>
      database
        .insert(authLease)
        .values({
          name: sql.placeholder("name"),
          holder: sql.placeholder("holder"),
          expiresAt: sql.placeholder("expiresAt"),
        })
        .onConflictDoUpdate({
          target: name,
          set: { holder: excluded(holder), expiresAt: excluded(expiresAt) },
          setWhere: sql`${holder} = ${excluded(holder)} or ${expiresAt} <= ${bound(expiresAt, "now")}`,
        })
        .prepare(),
    ),
    release: whenUsed(() =>
      database
        .delete(authLease)
        .where(and(eq(name, sql.placeholder("name")), isHeld))
        .prepare(),
    ),
    deleteExpired: whenUsed(() =>
      database.delete(authLease).where(inArray(name, expired)).prepare(),
    ),
  };
}
