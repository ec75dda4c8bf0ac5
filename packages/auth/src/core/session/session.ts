import { createName, isSameDigest } from "../digest.js";
import { AuthError, isAuthError } from "../error.js";
import type { PartitionKey, SessionToken, UserId } from "../identifiers.js";
import type { SessionTimeouts } from "./session-timeouts.js";
import type {
  Admission,
  AdmittedSignIn,
  StoredSession,
  SessionWithUser,
} from "../stores/session-store.js";
import type { Ports } from "../ports.js";
import { createSessionToken, parseSessionToken } from "./session-token.js";
import { cutText } from "../text.js";
import { addSeconds, earlierOf, hasPassed } from "../time.js";
import type { UserProfile } from "../stores/user.js";

export type SessionPorts = Pick<Ports, "sessionStore" | "now">;

/** What a new session needs to know of the sign-in. */
export interface SessionRequest {
  readonly profile: UserProfile;
  readonly providerSessionId: string | undefined;
  readonly logoutHint: string | undefined;
  readonly partitionKey: PartitionKey | undefined;
  readonly userAgent: string | undefined;
  readonly authenticatedAt: Date | undefined;
  /** The browser's present session cookie; the new session replaces the old one. */
  readonly sessionCookie: string | undefined;
}

/** A session that has just been started for its user, and the only copy of its token. */
export interface StartedSession extends AdmittedSignIn {
  readonly session: StoredSession;
  readonly sessionToken: SessionToken;
}

const maximumUserAgentLength = 256;
const maximumRenewalSeconds = 60;

/**
 * Stores the user and starts a session for them under a new ID and secret; whatever session the browser had before is
 * ended with it.
 *
 * @throws {AuthError} `user_disabled` if the user is disabled, even since a moment ago; then nothing was changed.
 */
export async function startSession(
  ports: SessionPorts,
  timeouts: SessionTimeouts,
  { profile, sessionCookie, userAgent, ...details }: SessionRequest,
): Promise<StartedSession> {
  const now = ports.now();
  const { sessionId, secretDigest, sessionToken } = createSessionToken();
  const expiresAt = addSeconds(now, timeouts.absoluteTimeoutSeconds);
  const session: Admission["session"] = {
    ...details,
    id: sessionId,
    secretDigest,
    userAgent:
      userAgent === undefined
        ? undefined
        : cutText(userAgent, maximumUserAgentLength),
    createdAt: now,
    lastSeenAt: now,
    idleExpiresAt: earlierOf(
      addSeconds(now, timeouts.idleTimeoutSeconds),
      expiresAt,
    ),
    expiresAt,
  };
  const admitted = await ports.sessionStore.admit({
    candidateId: createName() as UserId,
    profile,
    session,
    replaces: parseSessionToken(sessionCookie),
  });
  const { user } = admitted;
  if (user.disabledAt !== undefined) throw userDisabled(user.id);
  return {
    ...admitted,
    session: { ...session, userId: user.id },
    sessionToken,
  };
}

/**
 * Returns who is signed in with this session cookie, or `undefined` if nobody is: there is no such session, its secret
 * is another, it has expired, or its user is disabled. Costs one read, and one write at most once a minute.
 *
 * @throws {AuthError} `store_unavailable` if it could not look; never `undefined` for that reason.
 */
export async function readSession(
  ports: SessionPorts,
  timeouts: SessionTimeouts,
  cookie: string | undefined,
): Promise<SessionWithUser | undefined> {
  const signedIn = await findSession(ports, cookie);
  if (
    signedIn === undefined ||
    hasExpired(signedIn.session, ports.now()) ||
    signedIn.user.disabledAt !== undefined
  )
    return undefined;

  return renewWhenDue(ports, timeouts, signedIn);
}

/**
 * Returns the session of this cookie, expired or not, and its user; `undefined` if there is no such session or its secret
 * is another.
 */
export async function findSession(
  { sessionStore }: Pick<SessionPorts, "sessionStore">,
  cookie: string | undefined,
): Promise<SessionWithUser | undefined> {
  const token = parseSessionToken(cookie);
  if (token === undefined) return undefined;
  const signedIn = await sessionStore.find(token.sessionId);
  return signedIn !== undefined &&
    isSameDigest(token.secretDigest, signedIn.session.secretDigest)
    ? signedIn
    : undefined;
}

/** Returns the refusal of a user whom an administrator has disabled. */
export function userDisabled(userId: UserId): AuthError {
  return new AuthError(
    "user_disabled",
    "This user is disabled in the application. Ask its administrator.",
    { userId },
  );
}

function hasExpired(session: StoredSession, now: Date): boolean {
  return (
    hasPassed(session.idleExpiresAt, now) || hasPassed(session.expiresAt, now)
  );
}

async function renewWhenDue(
  ports: SessionPorts,
  timeouts: SessionTimeouts,
  signedIn: SessionWithUser,
): Promise<SessionWithUser> {
  const { session, user } = signedIn;
  const now = ports.now();
  const renewalSeconds = Math.min(
    maximumRenewalSeconds,
    timeouts.idleTimeoutSeconds / 10,
  );
  if (!hasPassed(addSeconds(session.lastSeenAt, renewalSeconds), now))
    return signedIn;

  const idleExpiresAt = earlierOf(
    addSeconds(now, timeouts.idleTimeoutSeconds),
    session.expiresAt,
  );
  try {
    await ports.sessionStore.renew(session.id, now, idleExpiresAt);
  } catch (error) {
    // The session was read, and ends when it would have ended; the next reading tries to renew it again.
    if (isAuthError(error) && error.code === "store_unavailable")
      return signedIn;
    throw error;
  }
  return { session: { ...session, lastSeenAt: now, idleExpiresAt }, user };
}
