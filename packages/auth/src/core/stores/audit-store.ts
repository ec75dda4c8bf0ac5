import type { AuthErrorCode } from "../error.js";
import type { AuditedEventType, SessionEndReason } from "../event.js";
import type {
  AuditRecordId,
  FlowId,
  SessionId,
  TenantId,
  UserId,
} from "../identifiers.js";

/** One entry of the audit trail. Contains IDs and codes, and no secrets. */
export interface AuditRecord {
  /** Names the entry; entries sort by it in the order in which they were made. */
  readonly id: AuditRecordId;
  readonly type: AuditedEventType;
  readonly occurredAt: Date;
  readonly flowId: FlowId | undefined;
  readonly sessionId: SessionId | undefined;
  /** The user whom the event concerns. */
  readonly userId: UserId | undefined;
  /** The administrator who caused the event, if there was one. */
  readonly actorId: UserId | undefined;
  readonly code: AuthErrorCode | undefined;
  /** Entra's own code, such as `AADSTS65004`. */
  readonly aadsts: string | undefined;
  readonly reason: SessionEndReason | undefined;
}

/** An entry of the audit trail with the names of its user and its administrator, if they still exist. */
export interface AuditEntry extends AuditRecord {
  readonly userName: string | undefined;
  readonly actorName: string | undefined;
}

/** Which entries of the audit trail to list. */
export interface AuditQuery {
  /** The organisation of the user whom the event concerns. */
  readonly tenantId: TenantId;
  /** Whether to include entries without a user, such as a cancelled sign-in. */
  readonly includesUnattributed: boolean;
  /** Only entries that are older than this one: the last entry of the previous page. */
  readonly before: AuditRecordId | undefined;
  readonly limit: number;
}

/** Which entries of a user to list. */
export interface UserAuditQuery {
  /** The user whom the event concerns. */
  readonly userId: UserId;
  /** Only entries that are older than this one: the last entry of the previous page. */
  readonly before: AuditRecordId | undefined;
  readonly limit: number;
}

/**
 * Stores the audit trail of one client. Entries are added and read, never changed. The oldest entries are deleted first,
 * and none before it is 30 days old by the database's clock; the database refuses any other deletion.
 */
export interface AuditStore {
  /** Adds the entry, under the organisation that its user belongs to. */
  append(record: AuditRecord): Promise<void>;

  /** Returns entries, the newest first. */
  list(query: AuditQuery): Promise<readonly AuditEntry[]>;

  /** Returns entries of one user, the newest first. */
  listOfUser(query: UserAuditQuery): Promise<readonly AuditEntry[]>;

  /** Deletes the first entries whose IDs sort before this one, at most `limit`, and returns how many it deleted. */
  deleteBefore(before: AuditRecordId, limit: number): Promise<number>;
}
