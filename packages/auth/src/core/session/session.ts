import { createName, isSameDigest } from "../digest.js";
import type { Core } from "../core.js";
import { AuthError } from "../error.js";
import type {
  FlowId,
  PartitionKey,
  SessionToken,
  UserId,
} from "../identifiers.js";
import type {
  Admission,
  AdmissionEntries,
  AdmittedSignIn,
  ParsedSessionToken,
  SessionStore,
  StoredSession,
  SessionWithUser,
} from "../stores/session-store.js";
import type { SessionTimeouts } from "./session-timeouts.js";
import { createSessionToken, parseSessionToken } from "./session-token.js";
import { cutText } from "../text.js";
import { addSeconds, earlierOf } from "../time.js";
import type { UserProfile } from "../stores/user.js";

/** The sign-in that starts a session. */
export interface SessionRequest {
  /** The completed flow, for its entry in the audit trail. */
  readonly flowId: FlowId | undefined;
  readonly profile: UserProfile;
  readonly providerSessionId: string | undefined;
  readonly logoutHint: string | undefined;
  readonly partitionKey: PartitionKey | undefined;
  readonly userAgent: string | undefined;
  readonly authenticatedAt: Date | undefined;
  /** The browser's current session cookie; the new session replaces the old one. */
  readonly sessionCookie: string | undefined;
}

/** What the start of a session needs of the core. */
export interface SessionStart {
  readonly auditTrail: Core["auditTrail"];
  readonly sessionStore: Pick<SessionStore, "admit">;
  readonly now: () => Date;
  readonly settings: {
    readonly shared: { readonly sessionTimeouts: SessionTimeouts };
  };
}

/** A session that has just started, with the only copy of its token. */
export interface StartedSession extends AdmittedSignIn {
  readonly session: StoredSession;
  readonly sessionToken: SessionToken;
}

const maximumUserAgentLength = 256;

/**
 * Stores the user and starts a session with a new ID and secret. The browser's previous session ends in the same step.
 *
 * @throws {AuthError} `user_disabled` if the user is disabled; nothing has changed then.
 */
export async function startSession(
  core: SessionStart,
  { flowId, profile, sessionCookie, userAgent, ...details }: SessionRequest,
): Promise<StartedSession> {
  const { sessionStore, settings, now: readClock } = core;
  const { absoluteTimeoutSeconds, idleTimeoutSeconds } =
    settings.shared.sessionTimeouts;
  const now = readClock();
  const { sessionId, secretDigest, sessionToken } = createSessionToken();
  const expiresAt = addSeconds(now, absoluteTimeoutSeconds);
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
    idleExpiresAt: earlierOf(addSeconds(now, idleTimeoutSeconds), expiresAt),
    expiresAt,
  };
  const replaces = parseSessionToken(sessionCookie);
  const admitted = await sessionStore.admit({
    candidateId: createName() as UserId,
    profile,
    session,
    replaces,
    entries: createEntries(core, flowId, session, replaces),
  });
  const { user } = admitted;
  if (user.disabledAt !== undefined) throw userDisabled(user.id);
  return {
    ...admitted,
    session: { ...session, userId: user.id },
    sessionToken,
  };
}

/** Creates the entries that the audit trail receives with the session. */
function createEntries(
  { auditTrail }: SessionStart,
  flowId: FlowId | undefined,
  { id }: Admission["session"],
  replaces: ParsedSessionToken | undefined,
): AdmissionEntries | undefined {
  return (
    auditTrail && {
      completed: auditTrail.createRecord({
        type: "flow.completed",
        flowId,
        sessionId: id,
      }),
      replaced:
        replaces &&
        auditTrail.createRecord({
          type: "session.ended",
          sessionId: replaces.sessionId,
          reason: "replaced",
        }),
    }
  );
}

/** Returns the session of this cookie, expired or not, and its user; `undefined` if ID or secret is wrong. */
export async function findSession<Columns>(
  { sessionStore }: Pick<Core<Columns>, "sessionStore">,
  cookie: string | undefined,
): Promise<SessionWithUser<Columns> | undefined> {
  const token = parseSessionToken(cookie);
  if (token === undefined) return undefined;
  const stored = await sessionStore.find(token.sessionId);
  return stored !== undefined &&
    isSameDigest(token.secretDigest, stored.session.secretDigest)
    ? stored
    : undefined;
}

export function userDisabled(userId: UserId): AuthError {
  return new AuthError(
    "user_disabled",
    "This user is disabled in the application. Ask its administrator.",
    { userId },
  );
}
