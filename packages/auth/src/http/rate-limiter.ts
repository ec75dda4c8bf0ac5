import type { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { AuthError } from "../core/error.js";

/** What is limited; each has a budget of its own. */
export type LimitedAction = "login" | "callback" | "channel_logout";

/** Keeps one address from starting or completing sign-ins without end. */
export interface RateLimiter {
  /** @throws {AuthError} `rate_limited` if the address has used up its minute. */
  consume(action: LimitedAction, clientAddress: string): Promise<void>;
}

/** Answers a limiter for so many starts, and as many callbacks, a minute and address; `0` allows any number. */
export function createRateLimiter(perMinute: number): RateLimiter {
  if (perMinute === 0) return { consume: async () => undefined };
  let loading: Promise<RateLimiterMemory> | undefined;
  return {
    consume: async (action, clientAddress) => {
      const limiter = await (loading ??= loadLimiter(perMinute));
      try {
        await limiter.consume(`${action}:${clientAddress}`);
      } catch (refusal) {
        throw isRefusal(refusal) ? limited(refusal) : refusal;
      }
    },
  };
}

/** Loaded at the first sign-in, not at start: the library brings stores for a dozen databases along. */
async function loadLimiter(perMinute: number): Promise<RateLimiterMemory> {
  const library = await import("rate-limiter-flexible");
  return new library.RateLimiterMemory({
    points: perMinute,
    duration: 60,
    keyPrefix: "sign_in",
  });
}

function isRefusal(refusal: unknown): refusal is RateLimiterRes {
  return (
    typeof refusal === "object" &&
    refusal !== null &&
    "msBeforeNext" in refusal &&
    typeof refusal.msBeforeNext === "number"
  );
}

function limited({ msBeforeNext }: RateLimiterRes): AuthError {
  const retryAfterSeconds = Math.max(1, Math.ceil(msBeforeNext / 1000));
  return new AuthError(
    "rate_limited",
    `Too many sign-ins from this address. Try again in ${retryAfterSeconds} seconds.`,
    {
      retryAfterSeconds,
    },
  );
}
