import type { Session, SignedIn } from "./ports.js";
import type { User } from "./user.js";

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

/** What `me` answers to somebody who is signed in. */
export interface SignedInRepresentation {
  readonly user: UserRepresentation;
  readonly session: SessionRepresentation;
}

/** Answers what the browser may see of the session and its user. */
export function formatSignedIn({
  user,
  session,
}: SignedIn): SignedInRepresentation {
  return { user: formatUser(user), session: formatSession(session) };
}

/** Answers what the browser may see of the user. */
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

function formatSession(session: Session): SessionRepresentation {
  return {
    id: session.id,
    createdAt: session.createdAt.toISOString(),
    idleExpiresAt: session.idleExpiresAt.toISOString(),
    expiresAt: session.expiresAt.toISOString(),
  };
}
