import { lte, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

import type { RateLimitStore } from "../../../core/stores/rate-limit-store.js";
import { bound } from "../../placeholder.js";
import { countAgain, toCountValues, toRateCount } from "../../rate-limit.js";
import type { Connections } from "../connection.js";
import { isAnyOf, nameStatement, whenUsed } from "../statement.js";
import type { PostgresTables } from "../schema.js";

/** Creates the rate limit store on a migrated PostgreSQL database. */
export function createPostgresRateLimitStore(
  connections: Connections,
): RateLimitStore {
  const { runQuery } = connections.prepare((database, tables) => ({
    upsert: prepareCount(database, tables),
    deleteExpired: prepareDeleteExpired(database, tables),
  }));

  return {
    count: (key, windowSeconds) =>
      runQuery(async ({ upsert }) => {
        const now = Date.now();
        const [row] = await upsert.execute(
          toCountValues(key, windowSeconds, now),
        );
        return toRateCount(row, now);
      }),
    deleteExpired: (now, limit) =>
      runQuery(async ({ deleteExpired }) => {
        const { rowCount } = await deleteExpired.execute({
          now: now.getTime(),
          limit,
        });
        return rowCount ?? 0;
      }),
  };
}

function prepareCount(
  database: NodePgDatabase,
  { authRateLimit }: PostgresTables,
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
      .prepare(nameStatement(authRateLimit, "count")),
  );
}

function prepareDeleteExpired(
  database: NodePgDatabase,
  { authRateLimit }: PostgresTables,
) {
  const { key, expire } = authRateLimit;
  const expired = database
    .select({ key })
    .from(authRateLimit)
    .where(lte(expire, sql.placeholder("now")))
    .orderBy(expire)
    .limit(sql.placeholder("limit"))
    .for("update", { skipLocked: true });
  return whenUsed(() =>
    database
      .delete(authRateLimit)
      .where(isAnyOf(key, expired))
      .prepare(nameStatement(authRateLimit, "delete_expired")),
  );
}
