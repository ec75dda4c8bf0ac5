import { AuthError } from "../core/error.js";
import type { Stores } from "../core/stores/stores.js";

/** The limited actions. Each is counted separately. */
export type LimitedAction = "login" | "callback" | "channel_logout";

/** Limits how often one address may start or complete sign-ins. */
export interface RateLimiter {
  /**
   * @throws {AuthError} `rate_limited` if the address is over the limit, `store_unavailable` if the store fails.
   */
  consume(action: LimitedAction, clientAddress: string): Promise<void>;
}

/** The options of `createRateLimiter`. */
export interface RateLimiterOptions {
  /** How many requests of each action an address may make per minute; `0` sets no limit. */
  readonly perMinute: number;
}

const windowSeconds = 60;

/**
 * Creates a limiter that counts in the store. All servers on the store share one limit for each address, and the counts
 * survive a restart.
 */
export function createRateLimiter(
  { rateLimitStore }: Pick<Stores, "rateLimitStore">,
  { perMinute }: RateLimiterOptions,
): RateLimiter {
  if (perMinute === 0) return { consume: async () => undefined };
  return {
    consume: async (action, clientAddress) => {
      const { count, remainingMilliseconds } = await rateLimitStore.count(
        `${action}:${clientAddress}`,
        windowSeconds,
      );
      if (count > perMinute) throw limited(remainingMilliseconds);
    },
  };
}

function limited(remainingMilliseconds: number): AuthError {
  const retryAfterSeconds = Math.max(
    1,
    Math.ceil(remainingMilliseconds / 1000),
  );
  const wait = `${retryAfterSeconds} ${retryAfterSeconds === 1 ? "second" : "seconds"}`;
  return new AuthError(
    "rate_limited",
    `Too many sign-ins from this address. Try again in ${wait}.`,
    { retryAfterSeconds },
  );
}
