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

// No method of a memory store awaits anything before it has finished, so each is atomic.

/** The rows that the clients of one database share. */
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

/** The tables of the memory stores: the shared rows, and the rows of their client. */
export interface Tables extends SharedTables {
  readonly own: ClientTables;
  /** The users' data that was stored without a client. */
  readonly unclaimed: ReadonlyMap<UserId, Member>;
}

/** The identity of a user, the same for every client. */
export type Person = Pick<
  User,
  "id" | "tenantId" | "objectId" | "name" | "preferredUsername"
>;

/** A user's data at one client. */
export type Member = Omit<User, keyof Person>;

/** The count of a rate limit for one key, and the end of its window. */
export interface RateCountRow {
  readonly count: number;
  readonly expiresAt: Date;
}

/** An entry of the audit trail, and the organisation of its user at the time of the event. */
export interface AuditRow {
  readonly record: AuditRecord;
  readonly tenantId: TenantId | undefined;
}

/** Creates empty tables. */
export function createSharedTables(): SharedTables {
  return {
    people: new Map(),
    rateCounts: new Map(),
    leases: new Map(),
    clients: new Map(),
  };
}

/** Returns the tables of the client that the stores are bound to at the time of each access. */
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

/** Returns the user with their data at the client, or `undefined` if the client has never admitted them. */
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

/** Returns all users of the client. */
export function listUsers(tables: Tables): readonly User[] {
  return [...tables.own.members.keys()].flatMap(
    (id) => findUser(tables, id) ?? [],
  );
}

/** Returns the user. Throws if there is none, like a foreign key. */
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

/** Adds the entry to the audit trail, under the organisation of its user. */
export function appendRecord(
  { people, own }: Tables,
  record: AuditRecord,
): void {
  requireNewRecord(own, record.id);
  const { userId } = record;
  const tenantId =
    userId === undefined ? undefined : people.get(userId)?.tenantId;
  own.auditRows.set(record.id, structuredClone({ record, tenantId }));
}

/** Throws if the audit trail has an entry with this ID, like a primary key. */
export function requireNewRecord(
  { auditRows }: ClientTables,
  id: AuditRecordId,
): void {
  if (auditRows.has(id))
    throw new Error("An entry with this ID already exists.");
}

/** Removes and returns at most `limit` expired rows. */
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

/** Removes and returns the sessions that match. */
export function endSessions(
  sessions: Map<SessionId, StoredSession>,
  isEnded: (session: StoredSession) => boolean,
): readonly EndedSession[] {
  const ended = [...sessions.values()].filter(isEnded);
  for (const { id } of ended) sessions.delete(id);
  return ended.map(toEndedSession);
}

/** Returns the IDs of a deleted session. */
export function toEndedSession({
  id,
  userId,
  partitionKey,
}: StoredSession): EndedSession {
  return { id, userId, partitionKey };
}
