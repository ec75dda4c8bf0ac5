import { formatUser } from "../session/active-session.js";
import type { ActiveUser } from "../session/active-session.js";
import type { AuditEntry } from "../stores/audit-store.js";
import type { User } from "../stores/user.js";

/** A user as administrators see them: plain JSON. */
export interface ManagedUser extends ActiveUser {
  /** Since when the user may not sign in. */
  readonly disabledAt: string | null;
}

/** An entry of the audit trail as administrators see it: plain JSON. */
export interface AuditTrailEntry {
  readonly id: string;
  readonly type: AuditEntry["type"];
  readonly occurredAt: string;
  readonly flowId: string | null;
  readonly sessionId: string | null;
  /** The user whom the event concerns. */
  readonly userId: string | null;
  readonly userName: string | null;
  /** The administrator who caused it, if there was one. */
  readonly actorId: string | null;
  readonly actorName: string | null;
  /** Why a sign-in or a token was refused. */
  readonly code: NonNullable<AuditEntry["code"]> | null;
  readonly aadsts: string | null;
  /** Why a session ended. */
  readonly reason: NonNullable<AuditEntry["reason"]> | null;
}

/** A page of users. */
export interface UserPage {
  readonly users: readonly ManagedUser[];
  /** Request the next page with this ID as `after`; null if there is none. */
  readonly next: string | null;
}

/** A page of the audit trail. */
export interface AuditPage {
  readonly entries: readonly AuditTrailEntry[];
  /** Request the next page with this ID as `before`; null if there is none. */
  readonly next: string | null;
}

/** Formats a page of users. One more row than `limit` means that there is a next page. */
export function formatUserPage(
  users: readonly User[],
  limit: number,
): UserPage {
  return {
    users: users.slice(0, limit).map(formatManagedUser),
    next: findNext(users, limit),
  };
}

/** Formats a page of the audit trail. One more row than `limit` means that there is a next page. */
export function formatAuditPage(
  entries: readonly AuditEntry[],
  limit: number,
): AuditPage {
  return {
    entries: entries.slice(0, limit).map(formatAuditEntry),
    next: findNext(entries, limit),
  };
}

/** Formats a user for administrators. */
export function formatManagedUser(user: User): ManagedUser {
  return {
    ...formatUser(user),
    disabledAt: user.disabledAt?.toISOString() ?? null,
  };
}

/** Formats an entry of the audit trail. */
export function formatAuditEntry(entry: AuditEntry): AuditTrailEntry {
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

/** Returns the last ID of this page if there is a next page. */
function findNext(
  rows: readonly { readonly id: string }[],
  limit: number,
): string | null {
  return rows.length > limit ? (rows[limit - 1]?.id ?? null) : null;
}
