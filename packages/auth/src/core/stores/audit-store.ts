import type { AuthErrorCode } from "../error.js";
import type { AuditedEventType, SessionEndReason } from "../event.js";
import type {
  AuditRecordId,
  FlowId,
  SessionId,
  TenantId,
  UserId,
} from "../identifiers.js";

/** One entry of the audit trail. Holds IDs and codes, nothing that lets its reader act as a user. */
export interface AuditRecord {
  /** Names the entry; entries sort by it in the order in which they were made. */
  readonly id: AuditRecordId;
  readonly type: AuditedEventType;
  readonly occurredAt: Date;
  readonly flowId: FlowId | undefined;
  readonly sessionId: SessionId | undefined;
  /** Whom it happened to. */
  readonly userId: UserId | undefined;
  /** The administrator who did it, where it was one. */
  readonly actorId: UserId | undefined;
  readonly code: AuthErrorCode | undefined;
  /** Entra's own code, such as `AADSTS65004`. */
  readonly aadsts: string | undefined;
  readonly reason: SessionEndReason | undefined;
}

/** An entry of the audit trail with the names of those concerned, as far as they are still known. */
export interface AuditEntry extends AuditRecord {
  readonly userName: string | undefined;
  readonly actorName: string | undefined;
}

/** Which entries of the audit trail to list. */
export interface AuditQuery {
  /** The organisation of the user whom it happened to. */
  readonly tenantId: TenantId;
  /** Whether to list as well what no user can be named for, such as a sign-in that was cancelled. */
  readonly includesUnattributed: boolean;
  /** Only entries that are older than this one: the last one of the page before. */
  readonly before: AuditRecordId | undefined;
  readonly limit: number;
}

/**
 * Keeps the audit trail of one client. Entries are added and read, never changed. They are deleted in the order in which
 * they were added and not before 30 days have passed, by the clock of the database itself, which refuses any other
 * deletion.
 */
export interface AuditStore {
  /** Adds the entry, under the organisation that its user belongs to. */
  append(record: AuditRecord): Promise<void>;

  /** Returns entries, the newest first. */
  list(query: AuditQuery): Promise<readonly AuditEntry[]>;

  /** Removes at most `limit` entries whose IDs sort before this one, the first ones, and returns how many it removed. */
  deleteBefore(before: AuditRecordId, limit: number): Promise<number>;
}
