import { AuthError } from "../core/error.js";
import type { Stores } from "../core/stores/stores.js";

/** What is limited; each has a budget of its own. */
export type LimitedAction = "login" | "callback" | "channel_logout";

/** Keeps one address from starting or completing sign-ins without end. */
export interface RateLimiter {
  /**
   * @throws {AuthError} `rate_limited` if the address has used up its minute, `store_unavailable` if the store fails.
   */
  consume(action: LimitedAction, clientAddress: string): Promise<void>;
}

/** The options of `createRateLimiter`. */
export interface RateLimiterOptions {
  /** How many starts, and how many callbacks that find no flow, an address may make a minute; `0` allows any number. */
  readonly perMinute: number;
}

const windowSeconds = 60;

/**
 * Creates a limiter that counts in the store, which all servers share: they have one budget for each address, and a
 * restart changes nothing.
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
