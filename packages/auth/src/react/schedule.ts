import type { Session } from "../core/session/active-session.js";
import type { AuthFailure } from "./auth-failure.js";

/** The minimum time between two requests that no event caused. */
export const leastPauseMilliseconds = 30_000;

/** After this time, a page that is still open did not navigate. */
export const leavingMilliseconds = 10_000;

/** Returns the time until the session's idle timeout, and one second more, so that the server has ended it. */
export function untilIdleMilliseconds(
  { idleExpiresAt }: Session,
  now: number,
): number {
  // At least the minimum, because the browser's clock may be far ahead of the server's.
  return Math.max(
    Date.parse(idleExpiresAt) - now + 1_000,
    leastPauseMilliseconds,
  );
}

/** Returns the time until the next attempt: the server's `retryAfterSeconds`, or doubled with each failure. */
export function untilRetryMilliseconds(
  failures: number,
  { retryAfterSeconds }: AuthFailure,
): number {
  return (retryAfterSeconds ?? Math.min(2 ** failures, 60)) * 1_000;
}
