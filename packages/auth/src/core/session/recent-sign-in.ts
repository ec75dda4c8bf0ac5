import { AuthError } from "../error.js";
import type { StoredSession } from "../stores/session-store.js";
import { addSeconds, hasPassed } from "../time.js";

/**
 * Refuses unless the person proved who they are so recently. What an unattended or stolen browser must not be able to do
 * asks for this; `initiateFlow({ maxAgeSeconds })` is the way to satisfy it.
 *
 * @throws {AuthError} `fresh_sign_in_required`, also if the identity provider did not say when that was.
 */
export function requireFreshSignIn(
  {
    authenticatedAt,
    userId,
  }: Pick<StoredSession, "authenticatedAt" | "userId">,
  maxAgeSeconds: number,
  now: Date,
): void {
  const isFresh =
    authenticatedAt !== undefined &&
    !hasPassed(addSeconds(authenticatedAt, maxAgeSeconds), now);
  if (isFresh) return;
  throw new AuthError(
    "fresh_sign_in_required",
    "This needs a sign-in of the last minutes. Sign in again, then repeat it.",
    { maxAgeSeconds, userId },
  );
}
