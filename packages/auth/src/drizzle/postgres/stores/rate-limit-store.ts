import { lte, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { QueryConfig } from "pg";

import type { RateLimitStore } from "../../../core/stores/rate-limit-store.js";
import type { Connections } from "../connections.js";
import { isAnyOf } from "../locking.js";
import { rateLimitTable } from "../schema.js";
import { createRateLimitCounter } from "../../rate-limit-counter.js";

/** Creates the store of the rate limits on a migrated PostgreSQL database. */
export function createPostgresRateLimitStore(
  connections: Connections,
): RateLimitStore {
  const { ask } = connections.prepare((database, client) => ({
    client,
    deleteExpired: prepareDeleteExpired(database),
  }));
  // The library names its statement, so that it is prepared once as well.
  const storeClient = {
    query: (statement: QueryConfig) =>
      ask(({ client }) => client.query(statement)),
  };

  return {
    count: createRateLimitCounter(
      (library, defaults) =>
        new library.RateLimiterPostgres({
          ...defaults,
          storeClient,
          storeType: "pool",
        }),
      (query) => query(),
    ),
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
