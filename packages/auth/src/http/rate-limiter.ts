import { AuthError } from "../core/error.js";
import type { Stores } from "../core/stores/stores.js";
import { createBlockedKeys } from "./blocked-keys.js";

/** What is limited; each has a budget of its own. */
export type LimitedAction = "login" | "callback" | "channel_logout";

/** Keeps one address from starting or completing sign-ins without end. */
export interface RateLimiter {
  /**
   * @throws {AuthError} `rate_limited` if the address has used up its minute, `store_unavailable` if nobody can tell.
   */
  consume(action: LimitedAction, clientAddress: string): Promise<void>;
}

/** What `createRateLimiter` can be told. */
export interface RateLimiterOptions {
  /** So many starts, and as many callbacks that find no flow, a minute and address; `0` allows any number. */
  readonly perMinute: number;
  readonly now?: () => Date;
}

const windowSeconds = 60;
const mostBlockedKeys = 10_000;

/**
 * Creates a limiter that counts in the store, which all servers share: they have one budget for each address, and a
 * restart changes nothing. An address that has used it up is refused from memory until its minute is over, so that a
 * flood of it does not reach the database.
 */
export function createRateLimiter(
  { rateLimitStore }: Pick<Stores, "rateLimitStore">,
  { perMinute, now = () => new Date() }: RateLimiterOptions,
): RateLimiter {
  if (perMinute === 0) return { consume: async () => undefined };
  const blocked = createBlockedKeys(mostBlockedKeys, now);
  return {
    consume: async (action, clientAddress) => {
      const key = `${action}:${clientAddress}`;
      const blockedMilliseconds = blocked.readRemaining(key);
      if (blockedMilliseconds > 0) throw limited(blockedMilliseconds);

      const { count, remainingMilliseconds } = await rateLimitStore.count(
        key,
        windowSeconds,
      );
      if (count >= perMinute) blocked.block(key, remainingMilliseconds);
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
