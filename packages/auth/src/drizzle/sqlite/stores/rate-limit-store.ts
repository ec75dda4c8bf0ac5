import { inArray, lte, sql } from "drizzle-orm";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";

import type { RateLimitStore } from "../../../core/stores/rate-limit-store.js";
import { bound } from "../../placeholder.js";
import { countAgain, toCountValues, toRateCount } from "../../rate-limit.js";
import type { RunQuery } from "../connection.js";
import type { SqliteTables } from "../schema.js";
import { whenUsed } from "../statement.js";

/** Creates the rate limit store on a migrated SQLite database. */
export function createSqliteRateLimitStore(
  database: BetterSQLite3Database,
  tables: SqliteTables,
  runQuery: RunQuery,
): RateLimitStore {
  const upsert = prepareCount(database, tables);
  const expired = prepareDeleteExpired(database, tables);

  return {
    count: (key, windowSeconds) =>
      runQuery(() => {
        const now = Date.now();
        const row = upsert.get(toCountValues(key, windowSeconds, now));
        return toRateCount(row, now);
      }),
    deleteExpired: (now, limit) =>
      runQuery(() => expired.run({ now: now.getTime(), limit }).changes),
  };
}

function prepareCount(
  database: BetterSQLite3Database,
  { authRateLimit }: SqliteTables,
) {
  const { key, points, expire } = authRateLimit;
  return whenUsed(() =>
    database
      .insert(authRateLimit)
      .values({
        key: bound(key, "key"),
        points: 1,
        expire: bound(expire, "expire"),
      })
      .onConflictDoUpdate({ target: key, set: countAgain(authRateLimit) })
      .returning({ points, expire })
      .prepare(),
  );
}

function prepareDeleteExpired(
  database: BetterSQLite3Database,
  { authRateLimit }: SqliteTables,
) {
  const expired = database
    .select({ key: authRateLimit.key })
    .from(authRateLimit)
    .where(lte(authRateLimit.expire, sql.placeholder("now")))
    .orderBy(authRateLimit.expire)
    .limit(sql.placeholder("limit"));
  return whenUsed(() =>
    database
      .delete(authRateLimit)
      .where(inArray(authRateLimit.key, expired))
      .prepare(),
  );
}
