import type { Session } from "../core/session/active-session.js";
import type { AuthFailure } from "./auth-failure.js";

/** The server is not asked more often than this, unless something has happened. */
export const leastPauseMilliseconds = 30_000;

/** A page that was told to leave and is still there after this long stays. */
export const leavingMilliseconds = 10_000;

/** Returns when to ask whether the session has ended by itself: a second later than the server would say so. */
export function untilIdleMilliseconds(
  { idleExpiresAt }: Session,
  now: number,
): number {
  // Never in a hurry: this computer's clock may be far ahead of the server's.
  const milliseconds = Date.parse(idleExpiresAt) - now + 1_000;
  return Math.max(milliseconds, leastPauseMilliseconds);
}

/** Returns when to try again after so many failures in a row: later and later, or as the server says. */
export function untilRetryMilliseconds(
  failures: number,
  { retryAfterSeconds }: AuthFailure,
): number {
  if (retryAfterSeconds !== undefined) return retryAfterSeconds * 1_000;
  return Math.min(2_000 * 2 ** (failures - 1), 60_000);
}
