import type {
  Digest,
  PartitionKey,
  SessionId,
  UserId,
} from "../core/identifiers.js";
import type { Flow, Session, TokenCachePartition } from "../core/ports.js";
import type { User } from "../core/user.js";

// No method of a memory store waits for anything before it has finished: that makes each of them atomic.

/** What the memory stores share. */
export interface Tables {
  readonly flows: Map<Digest, Flow>;
  readonly users: Map<UserId, User>;
  readonly sessions: Map<SessionId, Session>;
  readonly partitions: Map<PartitionKey, TokenCachePartition>;
}

/** Answers the user, as a foreign key would demand one. */
export function requireUser(
  users: ReadonlyMap<UserId, User>,
  id: UserId,
): User {
  const user = users.get(id);
  if (user === undefined) throw new Error("There is no user with this ID.");
  return user;
}

/** Removes at most `limit` of the rows whose expiry has come and answers how many it removed. */
export function deleteExpired<Key, Row>(
  rows: Map<Key, Row>,
  readExpiry: (row: Row) => Date,
  now: Date,
  limit: number,
): number {
  const expired = [...rows]
    .filter(([, row]) => readExpiry(row) <= now)
    .slice(0, limit);
  for (const [key] of expired) rows.delete(key);
  return expired.length;
}
