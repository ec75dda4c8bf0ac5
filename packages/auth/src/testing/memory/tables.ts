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
import type { StoreClient } from "../../core/stores/store-client.js";
import type { TokenCachePartition } from "../../core/stores/token-cache-store.js";
import type { User } from "../../core/stores/user.js";

// No method of a memory store waits for anything before it has finished: that makes each of them atomic.

/** What the clients of one database share. */
export interface SharedTables {
  readonly people: Map<UserId, Person>;
  readonly rateCounts: Map<string, RateCountRow>;
  readonly leases: Map<string, Lease>;
  readonly clients: Map<string, ClientTables>;
}

/** The rows of one client. */
export interface ClientTables {
  readonly flows: Map<Digest, Flow>;
  readonly members: Map<UserId, Member>;
  readonly sessions: Map<SessionId, StoredSession>;
  readonly partitions: Map<PartitionKey, TokenCachePartition>;
  readonly auditRows: Map<AuditRecordId, AuditRow>;
}

/** What the memory stores work with: what all clients share, and the rows of the client that they are bound to. */
export interface Tables extends SharedTables {
  readonly own: ClientTables;
  /** What was stored of users by no client. */
  readonly unclaimed: ReadonlyMap<UserId, Member>;
}

/** Who a user is, the same for every client. */
export type Person = Pick<
  User,
  "id" | "tenantId" | "objectId" | "name" | "preferredUsername"
>;

/** What one client knows of a user. */
export type Member = Omit<User, keyof Person>;

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

/** Creates tables without rows. */
export function createSharedTables(): SharedTables {
  return {
    people: new Map(),
    rateCounts: new Map(),
    leases: new Map(),
    clients: new Map(),
  };
}

/** Returns the tables as the client sees them, whichever it is at the moment. */
export function createTables(
  shared: SharedTables,
  client: StoreClient,
): Tables {
  return {
    ...shared,
    get own() {
      return openClientTables(shared, client.id);
    },
    get unclaimed() {
      return openClientTables(shared, "").members;
    },
  };
}

function openClientTables(
  { clients }: SharedTables,
  clientId: string,
): ClientTables {
  const known = clients.get(clientId);
  if (known !== undefined) return known;
  const created: ClientTables = {
    flows: new Map(),
    members: new Map(),
    sessions: new Map(),
    partitions: new Map(),
    auditRows: new Map(),
  };
  clients.set(clientId, created);
  return created;
}

/** Returns the user as the client knows them, or `undefined` if it does not. */
export function findUser(
  { people, own }: Tables,
  id: UserId,
): User | undefined {
  const person = people.get(id);
  const member = own.members.get(id);
  return person === undefined || member === undefined
    ? undefined
    : { ...person, ...member };
}

/** Returns every user of the client. */
export function listUsers(tables: Tables): readonly User[] {
  return [...tables.own.members.keys()].flatMap(
    (id) => findUser(tables, id) ?? [],
  );
}

/** Returns the user, as a foreign key would require one. */
export function requireUser(tables: Tables, id: UserId): User {
  const user = findUser(tables, id);
  if (user === undefined) throw new Error("There is no user with this ID.");
  return user;
}

/** Returns the person with this tenant ID and object ID. */
export function findPerson(
  { people }: Tables,
  { tenantId, objectId }: Pick<User, "tenantId" | "objectId">,
): Person | undefined {
  return [...people.values()].find(
    (person) => person.tenantId === tenantId && person.objectId === objectId,
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

/** Returns what is known of a session that was just deleted. */
export function toEndedSession({
  id,
  userId,
  partitionKey,
}: StoredSession): EndedSession {
  return { id, userId, partitionKey };
}
