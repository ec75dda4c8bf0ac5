import type { AuditEntry } from "../stores/audit-store.js";
import type {
  StoredSession,
  SessionWithUser,
} from "../stores/session-store.js";
import type { User } from "../stores/user.js";

/** The user as the browser sees them: plain JSON, dates as ISO 8601 texts, no secret and no key of ours but the ID. */
export interface UserRepresentation {
  readonly id: string;
  readonly tenantId: string;
  readonly objectId: string;
  readonly name: string;
  readonly preferredUsername: string | null;
  /** Null unless the identity provider vouches for it. */
  readonly email: string | null;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly createdAt: string;
  readonly lastSignInAt: string;
}

/** The session as the browser sees it. */
export interface SessionRepresentation {
  /** The public half of the session cookie; names the session, grants nothing. */
  readonly id: string;
  readonly createdAt: string;
  /** When the session ends if it is not used until then. */
  readonly idleExpiresAt: string;
  /** When the session ends, however busy. */
  readonly expiresAt: string;
}

/** One of the sessions of whoever asks. */
export interface OwnSessionRepresentation extends SessionRepresentation {
  /** When the session was last used, to the minute. */
  readonly lastSeenAt: string;
  /** What the browser called itself at sign-in: a hint to the device, not a proof. */
  readonly userAgent: string | null;
  /** Whether this is the session that asks. */
  readonly isCurrent: boolean;
}

/** A user as administrators see them. */
export interface ManagedUserRepresentation extends UserRepresentation {
  /** Since when the user may not sign in. */
  readonly disabledAt: string | null;
}

/** An entry of the audit trail as administrators see it. */
export interface AuditEntryRepresentation {
  readonly id: string;
  readonly type: AuditEntry["type"];
  readonly occurredAt: string;
  readonly flowId: string | null;
  readonly sessionId: string | null;
  /** Whom it happened to. */
  readonly userId: string | null;
  readonly userName: string | null;
  /** The administrator who did it, where it was one. */
  readonly actorId: string | null;
  readonly actorName: string | null;
  /** Why a sign-in or a token was refused. */
  readonly code: NonNullable<AuditEntry["code"]> | null;
  readonly aadsts: string | null;
  /** Why a session ended. */
  readonly reason: NonNullable<AuditEntry["reason"]> | null;
}

/** What `me` answers to somebody who is signed in. */
export interface SignedInRepresentation {
  readonly user: UserRepresentation;
  readonly session: SessionRepresentation;
}

/** Returns what the browser may see of the session and its user. */
export function formatSignedIn({
  user,
  session,
}: SessionWithUser): SignedInRepresentation {
  return { user: formatUser(user), session: formatSession(session) };
}

/** Returns what the browser may see of the user. */
export function formatUser(user: User): UserRepresentation {
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

function formatSession(session: StoredSession): SessionRepresentation {
  return {
    id: session.id,
    createdAt: session.createdAt.toISOString(),
    idleExpiresAt: session.idleExpiresAt.toISOString(),
    expiresAt: session.expiresAt.toISOString(),
  };
}

/** Returns what a person may see of one of their sessions. */
export function formatOwnSession(
  session: StoredSession,
  current: StoredSession,
): OwnSessionRepresentation {
  return {
    ...formatSession(session),
    lastSeenAt: session.lastSeenAt.toISOString(),
    userAgent: session.userAgent ?? null,
    isCurrent: session.id === current.id,
  };
}

/** Returns what an administrator may see of a user. */
export function formatManagedUser(user: User): ManagedUserRepresentation {
  return {
    ...formatUser(user),
    disabledAt: user.disabledAt?.toISOString() ?? null,
  };
}

/** Returns what an administrator may see of an entry of the audit trail. */
export function formatAuditEntry(entry: AuditEntry): AuditEntryRepresentation {
  return {
    id: entry.id,
    type: entry.type,
    occurredAt: entry.occurredAt.toISOString(),
    flowId: entry.flowId ?? null,
    sessionId: entry.sessionId ?? null,
    userId: entry.userId ?? null,
    userName: entry.userName ?? null,
    actorId: entry.actorId ?? null,
    actorName: entry.actorName ?? null,
    code: entry.code ?? null,
    aadsts: entry.aadsts ?? null,
    reason: entry.reason ?? null,
  };
}
