import { inArray, lte, sql } from "drizzle-orm";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";

import type { RateLimitStore } from "../../../core/stores/rate-limit-store.js";
import { bound } from "../../placeholder.js";
import { countAgain, toCountValues, toRateCount } from "../../rate-limit.js";
import type { Answer } from "../error.js";
import { rateLimitTable } from "../schema.js";

/** Creates the store of the rate limits on a migrated SQLite database. */
export function createSqliteRateLimitStore(
  database: BetterSQLite3Database,
  answer: Answer,
): RateLimitStore {
  const upsert = prepareCount(database);
  const expired = prepareDeleteExpired(database);

  return {
    count: (key, windowSeconds) =>
      answer(() => {
        const now = Date.now();
        const row = upsert.get(toCountValues(key, windowSeconds, now));
        return toRateCount(row, now);
      }),
    deleteExpired: (now, limit) =>
      answer(() => expired.run({ now: now.getTime(), limit }).changes),
  };
}

function prepareCount(database: BetterSQLite3Database) {
  const { key, points, expire } = rateLimitTable;
  return database
    .insert(rateLimitTable)
    .values({
      key: bound(key, "key"),
      points: 1,
      expire: bound(expire, "expire"),
    })
    .onConflictDoUpdate({ target: key, set: countAgain(rateLimitTable) })
    .returning({ points, expire })
    .prepare();
}

function prepareDeleteExpired(database: BetterSQLite3Database) {
  const expired = database
    .select({ key: rateLimitTable.key })
    .from(rateLimitTable)
    .where(lte(rateLimitTable.expire, sql.placeholder("now")))
    .orderBy(rateLimitTable.expire)
    .limit(sql.placeholder("limit"));
  return database
    .delete(rateLimitTable)
    .where(inArray(rateLimitTable.key, expired))
    .prepare();
}
