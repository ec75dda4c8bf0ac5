import type { AuditEntry } from "../stores/audit-store.js";
import type { StoredSession } from "../stores/session-store.js";
import type { User } from "../stores/user.js";
import { formatAuditEntry, formatManagedUser } from "./administration-page.js";
import type { AuditTrailEntry, ManagedUser } from "./administration-page.js";

/** All data of a user at one registration: plain JSON, without secrets. */
export interface UserExport {
  readonly user: ExportedUser;
  /** The sessions that have not expired. */
  readonly sessions: readonly ExportedSession[];
  /** The stored tokens for APIs. The tokens are credentials and not exported. */
  readonly tokens: readonly { readonly expiresAt: string }[];
  /** The entries of the audit trail that concern the user, the newest first. */
  readonly events: readonly ExportedEvent[];
}

/** The user in an export. */
export interface ExportedUser extends ManagedUser {
  /** The `sub` of the user's ID tokens. */
  readonly subject: string;
}

/** A session in an export. */
export interface ExportedSession {
  readonly id: string;
  readonly createdAt: string;
  readonly lastSeenAt: string;
  readonly idleExpiresAt: string;
  readonly expiresAt: string;
  /** When the user last authenticated at the identity provider. */
  readonly authenticatedAt: string | null;
  readonly userAgent: string | null;
  /** The identity provider's session ID. */
  readonly providerSessionId: string | null;
}

/** An entry of the audit trail in an export. It does not name administrators, because their names are not the user's data. */
export type ExportedEvent = Omit<AuditTrailEntry, "userName" | "actorName">;

/** The stored data of a user. */
interface StoredUser {
  readonly user: User;
  readonly sessions: readonly StoredSession[];
  readonly tokenExpiries: readonly Date[];
  readonly entries: readonly AuditEntry[];
}

/** Formats the stored data as plain JSON. */
export function formatUserExport({
  user,
  sessions,
  tokenExpiries,
  entries,
}: StoredUser): UserExport {
  return {
    user: { ...formatManagedUser(user), subject: user.subject },
    sessions: sessions.map(formatSession),
    tokens: tokenExpiries.map((expiresAt) => ({
      expiresAt: expiresAt.toISOString(),
    })),
    events: entries.map(formatEvent),
  };
}

function formatSession(session: StoredSession): ExportedSession {
  return {
    id: session.id,
    createdAt: session.createdAt.toISOString(),
    lastSeenAt: session.lastSeenAt.toISOString(),
    idleExpiresAt: session.idleExpiresAt.toISOString(),
    expiresAt: session.expiresAt.toISOString(),
    authenticatedAt: session.authenticatedAt?.toISOString() ?? null,
    userAgent: session.userAgent ?? null,
    providerSessionId: session.providerSessionId ?? null,
  };
}

function formatEvent(entry: AuditEntry): ExportedEvent {
  const { userName: _, actorName: __, ...event } = formatAuditEntry(entry);
  return event;
}
