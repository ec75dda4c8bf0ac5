import { lte, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

import type { RateLimitStore } from "../../../core/stores/rate-limit-store.js";
import { bound } from "../../placeholder.js";
import { countAgain, toCountValues, toRateCount } from "../../rate-limit.js";
import type { Connections } from "../connections.js";
import { isAnyOf } from "../locking.js";
import { rateLimitTable } from "../schema.js";

/** Creates the store of the rate limits on a migrated PostgreSQL database. */
export function createPostgresRateLimitStore(
  connections: Connections,
): RateLimitStore {
  const { ask } = connections.prepare((database) => ({
    upsert: prepareCount(database),
    deleteExpired: prepareDeleteExpired(database),
  }));

  return {
    count: (key, windowSeconds) =>
      ask(async ({ upsert }) => {
        const now = Date.now();
        const [row] = await upsert.execute(
          toCountValues(key, windowSeconds, now),
        );
        return toRateCount(row, now);
      }),
    deleteExpired: (now, limit) =>
      ask(async ({ deleteExpired }) => {
        const { rowCount } = await deleteExpired.execute({
          now: now.getTime(),
          limit,
        });
        return rowCount ?? 0;
      }),
  };
}

function prepareCount(database: NodePgDatabase) {
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
    .prepare("entrada_rate_limit_count");
}

function prepareDeleteExpired(database: NodePgDatabase) {
  const { key, expire } = rateLimitTable;
  const expired = database
    .select({ key })
    .from(rateLimitTable)
    .where(lte(expire, sql.placeholder("now")))
    .orderBy(expire)
    .limit(sql.placeholder("limit"))
    .for("update", { skipLocked: true });
  return database
    .delete(rateLimitTable)
    .where(isAnyOf(key, expired))
    .prepare("entrada_rate_limit_delete_expired");
}
