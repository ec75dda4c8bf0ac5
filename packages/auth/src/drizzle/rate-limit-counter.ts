import type * as Library from "rate-limiter-flexible";

import type { RateLimitStore } from "../core/stores/rate-limit-store.js";

/** What every limiter of the library is told, whatever the database. */
export interface RateLimiterDefaults {
  readonly tableName: string;
  readonly tableCreated: true;
  readonly keyPrefix: string;
  readonly points: number;
  readonly duration: number;
  readonly clearExpiredByTimeout: false;
}

// The migrations make the table, and housekeeping empties it in bounded batches: the library would do that in one sweep.
// Points and duration are never looked at, because each count brings its window and the caller knows the limit.
const defaults: RateLimiterDefaults = {
  tableName: "rate_limit",
  tableCreated: true,
  keyPrefix: "",
  points: 1,
  duration: 1,
  clearExpiredByTimeout: false,
};

/**
 * Makes the function that counts, with the library's limiter for a database. The library brings limiters for a dozen
 * databases along, so it is loaded at the first count and not at start.
 *
 * @param answer Asks the database, translates its errors and tries again where that helps.
 */
export function createRateLimitCounter(
  createLimiter: (
    library: typeof Library,
    defaults: RateLimiterDefaults,
  ) => Library.RateLimiterAbstract,
  answer: <Value>(query: () => Promise<Value>) => Promise<Value>,
): RateLimitStore["count"] {
  let loading: Promise<Library.RateLimiterAbstract> | undefined;
  return async (key, windowSeconds) => {
    const limiter = await (loading ??= import("rate-limiter-flexible").then(
      (library) => createLimiter(library, defaults),
    ));
    const { consumedPoints, msBeforeNext } = await answer(() =>
      limiter.penalty(key, 1, { customDuration: windowSeconds }),
    );
    return { count: consumedPoints, remainingMilliseconds: msBeforeNext };
  };
}
