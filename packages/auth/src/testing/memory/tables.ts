import type {
  AuditRecordId,
  Digest,
  PartitionKey,
  SessionId,
  TenantId,
  UserId,
} from "../../core/identifiers.js";
import type { AuditRecord } from "../../core/stores/audit-store.js";
import type {
  EndedSession,
  StoredSession,
} from "../../core/stores/session-store.js";
import type { Flow } from "../../core/stores/flow-store.js";
import type { Lease } from "../../core/stores/lease-store.js";
import type { TokenCachePartition } from "../../core/stores/token-cache-store.js";
import type { User } from "../../core/stores/user.js";

// No method of a memory store waits for anything before it has finished: that makes each of them atomic.

/** What the memory stores share. */
export interface Tables {
  readonly flows: Map<Digest, Flow>;
  readonly users: Map<UserId, User>;
  readonly sessions: Map<SessionId, StoredSession>;
  readonly partitions: Map<PartitionKey, TokenCachePartition>;
  readonly auditRows: Map<AuditRecordId, AuditRow>;
  readonly rateCounts: Map<string, RateCountRow>;
  readonly leases: Map<string, Lease>;
}

/** What a rate limit has counted for one key, and until when that counts. */
export interface RateCountRow {
  readonly count: number;
  readonly expiresAt: Date;
}

/** An entry of the audit trail, and the organisation that its user belonged to. */
export interface AuditRow {
  readonly record: AuditRecord;
  readonly tenantId: TenantId | undefined;
}

/** Returns the user, as a foreign key would demand one. */
export function requireUser(
  users: ReadonlyMap<UserId, User>,
  id: UserId,
): User {
  const user = users.get(id);
  if (user === undefined) throw new Error("There is no user with this ID.");
  return user;
}

/** Returns the user with this tenant ID and object ID. */
export function findUser(
  users: ReadonlyMap<UserId, User>,
  { tenantId, objectId }: Pick<User, "tenantId" | "objectId">,
): User | undefined {
  return [...users.values()].find(
    (user) => user.tenantId === tenantId && user.objectId === objectId,
  );
}

/** Removes at most `limit` of the rows whose expiry has come and returns them. */
export function takeExpired<Key, Row>(
  rows: Map<Key, Row>,
  readExpiry: (row: Row) => Date,
  now: Date,
  limit: number,
): readonly Row[] {
  const expired = [...rows]
    .filter(([, row]) => readExpiry(row) <= now)
    .slice(0, limit);
  for (const [key] of expired) rows.delete(key);
  return expired.map(([, row]) => row);
}

/** Removes the sessions that the rule is true of and returns what is known of them. */
export function endSessions(
  sessions: Map<SessionId, StoredSession>,
  isEnded: (session: StoredSession) => boolean,
): readonly EndedSession[] {
  const ended = [...sessions.values()].filter(isEnded);
  for (const { id } of ended) sessions.delete(id);
  return ended.map(toEndedSession);
}

/** Returns what is known of a session that has just been forgotten. */
export function toEndedSession({
  id,
  userId,
  partitionKey,
}: StoredSession): EndedSession {
  return { id, userId, partitionKey };
}
