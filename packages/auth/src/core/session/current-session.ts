import type { Core } from "../core.js";
import { AuthError, isAuthError } from "../error.js";
import type { NoColumns } from "../stores/user-extension.js";
import type { SessionWithUser } from "../stores/session-store.js";
import { addSeconds, earlierOf, hasPassed } from "../time.js";
import { isActive } from "./active-session.js";
import type { ActiveSession } from "./active-session.js";
import { findSession } from "./session.js";

/** The session of a request. */
export interface CurrentSession<Columns = NoColumns> {
  /**
   * Returns the session of this cookie and its user; `undefined` if the cookie is not valid, the session has expired,
   * or the user is disabled. Reads once from the database, and writes at most once a minute.
   *
   * @throws {AuthError} `store_unavailable` if the database does not respond.
   */
  readSession(
    cookie: string | undefined,
  ): Promise<ActiveSession<Columns> | undefined>;

  /**
   * Requires that the user authenticated at most `maxAgeSeconds` ago. Use it for actions that an unattended or stolen
   * browser must not be able to perform.
   *
   * @throws {AuthError} `fresh_sign_in_required` if it was longer ago, or if the identity provider did not state the
   *   time. Call `initiateFlow` with the same `maxAgeSeconds`.
   * @throws {AuthError} `not_signed_in` if the session has ended; `store_unavailable`
   */
  requireFreshSignIn(
    active: ActiveSession,
    maxAgeSeconds: number,
  ): Promise<void>;
}

const maximumRenewalSeconds = 60;

export function createCurrentSession<Columns>(
  core: Core<Columns>,
): CurrentSession<Columns> {
  const { activeSessions, now } = core;
  return {
    readSession: async (cookie) => {
      const stored = await findSession(core, cookie);
      return stored !== undefined && isActive(stored, now())
        ? activeSessions.format(await renewWhenDue(core, stored))
        : undefined;
    },
    requireFreshSignIn: async (active, maxAgeSeconds) => {
      const { session, user } = await activeSessions.require(active);
      const { authenticatedAt } = session;
      const isFresh =
        authenticatedAt !== undefined &&
        !hasPassed(addSeconds(authenticatedAt, maxAgeSeconds), now());
      if (isFresh) return;
      throw new AuthError(
        "fresh_sign_in_required",
        "This action requires a recent sign-in. Sign in again, then repeat it.",
        { maxAgeSeconds, userId: user.id },
      );
    },
  };
}

async function renewWhenDue<Columns>(
  { sessionStore, settings, now }: Core,
  stored: SessionWithUser<Columns>,
): Promise<SessionWithUser<Columns>> {
  const { session } = stored;
  const { idleTimeoutSeconds } = settings.shared.sessionTimeouts;
  const lastSeenAt = now();
  const renewalSeconds = Math.min(
    maximumRenewalSeconds,
    idleTimeoutSeconds / 10,
  );
  if (!hasPassed(addSeconds(session.lastSeenAt, renewalSeconds), lastSeenAt))
    return stored;

  const idleExpiresAt = earlierOf(
    addSeconds(lastSeenAt, idleTimeoutSeconds),
    session.expiresAt,
  );
  try {
    await sessionStore.renew(session.id, lastSeenAt, idleExpiresAt);
  } catch (error) {
    // The session remains valid until its present timeout. The next request tries to renew it again.
    if (isAuthError(error) && error.code === "store_unavailable") return stored;
    throw error;
  }
  return { ...stored, session: { ...session, lastSeenAt, idleExpiresAt } };
}
