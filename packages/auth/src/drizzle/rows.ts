import type { Session, SignedIn } from "../core/ports.js";
import type { User } from "../core/user.js";
import type { sessionTable, userTable } from "./sqlite-schema.js";

export type UserRow = typeof userTable.$inferSelect;
export type SessionRow = typeof sessionTable.$inferSelect;

/** A session's row with its user's, as the join answers them. */
export interface SignedInRow {
  readonly session: SessionRow;
  readonly user: UserRow;
}

// Every field is named: a spread would be as long to run as the query itself, and would carry unknown columns along.

/** Answers the user that the row holds. */
export function toUser(row: UserRow): User {
  return {
    id: row.id,
    tenantId: row.tenantId,
    objectId: row.objectId,
    subject: row.subject,
    name: row.name,
    preferredUsername: row.preferredUsername ?? undefined,
    email: row.email ?? undefined,
    roles: row.roles,
    groups: row.groups,
    createdAt: row.createdAt,
    lastSignInAt: row.lastSignInAt,
    disabledAt: row.disabledAt ?? undefined,
  };
}

/** Answers the row that keeps the session. */
export function toSessionRow(session: Session): SessionRow {
  return {
    id: session.id,
    userId: session.userId,
    secretDigest: session.secretDigest,
    providerSessionId: session.providerSessionId ?? null,
    logoutHint: session.logoutHint ?? null,
    partitionKey: session.partitionKey ?? null,
    userAgent: session.userAgent ?? null,
    createdAt: session.createdAt,
    lastSeenAt: session.lastSeenAt,
    idleExpiresAt: session.idleExpiresAt,
    expiresAt: session.expiresAt,
  };
}

/** Answers the session and the user that the joined rows hold. */
export function toSignedIn(row: SignedInRow): SignedIn {
  return { session: toSession(row.session), user: toUser(row.user) };
}

function toSession(row: SessionRow): Session {
  return {
    id: row.id,
    userId: row.userId,
    secretDigest: row.secretDigest,
    providerSessionId: row.providerSessionId ?? undefined,
    logoutHint: row.logoutHint ?? undefined,
    partitionKey: row.partitionKey ?? undefined,
    userAgent: row.userAgent ?? undefined,
    createdAt: row.createdAt,
    lastSeenAt: row.lastSeenAt,
    idleExpiresAt: row.idleExpiresAt,
    expiresAt: row.expiresAt,
  };
}
