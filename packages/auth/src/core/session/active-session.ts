import { AuthError } from "../error.js";
import type { SessionId } from "../identifiers.js";
import type {
  SessionStore,
  SessionWithUser,
  StoredSession,
} from "../stores/session-store.js";
import type { NoColumns } from "../stores/user-extension.js";
import type { User } from "../stores/user.js";
import { hasPassed } from "../time.js";

/** A user as apps and browsers see them: plain JSON with ISO 8601 dates, without secrets. */
export interface ActiveUser {
  readonly id: string;
  readonly tenantId: string;
  readonly objectId: string;
  readonly name: string;
  readonly preferredUsername: string | null;
  /** Null unless the identity provider has verified it. */
  readonly email: string | null;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly createdAt: string;
  readonly lastSignInAt: string;
}

/** A session as apps and browsers see it. */
export interface Session {
  /** The public half of the session cookie. It identifies the session and is not a secret. */
  readonly id: string;
  readonly createdAt: string;
  /** When the session ends if it is not used before. */
  readonly idleExpiresAt: string;
  /** When the session ends, even if it is in use. */
  readonly expiresAt: string;
}

/** One of a user's own sessions. */
export interface OwnSession extends Session {
  /** When the session was last used, to the minute. */
  readonly lastSeenAt: string;
  /** The `User-Agent` of the sign-in, as the browser sent it. */
  readonly userAgent: string | null;
  /** Whether the request was made with this session. */
  readonly isCurrent: boolean;
}

/** A session together with its user, in the shape of `auth.me`. The user has the app's own columns as well. */
export interface ActiveSession<Columns = NoColumns> {
  readonly user: ActiveUser & Columns;
  readonly session: Session;
}

/** What a completed sign-in returns to the browser. */
export interface SignInResult {
  readonly user: ActiveUser;
  /** Whether this sign-in created the user. */
  readonly isNewUser: boolean;
  /** The page that the visitor came from: an absolute URL of the application's own origin. */
  readonly returnUrl: string;
}

/** Converts between the stored and the active sessions of one `Auth`. */
export interface ActiveSessions<Columns = NoColumns> {
  /** Returns the active session of a stored session, and remembers the stored one. */
  format(stored: SessionWithUser<Columns>): ActiveSession<Columns>;

  /** Returns the stored session; `undefined` if it has ended or belongs to another user. */
  find(active: ActiveSession): Promise<SessionWithUser | undefined>;

  /**
   * Reads the session from the store again, without renewing it; `undefined` if it has ended, the user is disabled, or
   * it belongs to another user.
   */
  refresh(active: ActiveSession): Promise<ActiveSession | undefined>;

  /**
   * Returns the stored session.
   *
   * @throws {AuthError} `not_signed_in` if it has ended or belongs to another user; `store_unavailable`
   */
  require(active: ActiveSession): Promise<SessionWithUser>;
}

/**
 * Creates a memory of the stored session of each active session, so that one request reads it once. For an active
 * session from elsewhere, such as a copy from JSON, the store is asked.
 */
export function createActiveSessions<Columns>(
  sessionStore: Pick<SessionStore<Columns>, "find">,
  now: () => Date,
): ActiveSessions<Columns> {
  // The key is the inner object, because apps copy the outer one, as tRPC does with its context.
  const formatted = new WeakMap<Session, SessionWithUser<Columns>>();

  const findInStore = async (id: string) => {
    const stored = await sessionStore.find(id as SessionId);
    return stored !== undefined && isActive(stored, now()) ? stored : undefined;
  };
  const find = async ({ user, session }: ActiveSession) => {
    const stored = formatted.get(session) ?? (await findInStore(session.id));
    return stored?.user.id === user.id ? stored : undefined;
  };
  const format = (stored: SessionWithUser<Columns>) => {
    const session = formatSession(stored.session);
    formatted.set(session, stored);
    const user = Object.assign(formatUser(stored.user), stored.columns);
    return { user, session };
  };
  return {
    format,
    find,
    refresh: async ({ user, session }) => {
      const stored = await findInStore(session.id);
      return stored?.user.id === user.id ? format(stored) : undefined;
    },
    require: async (active) => {
      const stored = await find(active);
      if (stored === undefined) throw createNotSignedInError();
      return stored;
    },
  };
}

/** Returns whether the session has not expired and its user may use it. */
export function isActive(
  { session, user }: SessionWithUser,
  now: Date,
): boolean {
  return (
    user.disabledAt === undefined &&
    !hasPassed(session.idleExpiresAt, now) &&
    !hasPassed(session.expiresAt, now)
  );
}

export function createNotSignedInError(): AuthError {
  return new AuthError("not_signed_in", "Sign in first.");
}

export function formatUser(user: User): ActiveUser {
  return {
    id: user.id,
    tenantId: user.tenantId,
    objectId: user.objectId,
    name: user.name,
    preferredUsername: user.preferredUsername ?? null,
    email: user.email ?? null,
    roles: user.roles,
    groups: user.groups,
    createdAt: user.createdAt.toISOString(),
    lastSignInAt: user.lastSignInAt.toISOString(),
  };
}

export function formatOwnSession(
  session: StoredSession,
  current: StoredSession,
): OwnSession {
  return {
    ...formatSession(session),
    lastSeenAt: session.lastSeenAt.toISOString(),
    userAgent: session.userAgent ?? null,
    isCurrent: session.id === current.id,
  };
}

function formatSession(session: StoredSession): Session {
  return {
    id: session.id,
    createdAt: session.createdAt.toISOString(),
    idleExpiresAt: session.idleExpiresAt.toISOString(),
    expiresAt: session.expiresAt.toISOString(),
  };
}
