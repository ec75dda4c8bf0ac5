import assert from "node:assert/strict";

import type { ObjectId, SessionId, TenantId } from "../core/identifiers.js";
import type {
  Admission,
  EndedSession,
  StoredSession,
} from "../core/stores/session-store.js";
import type { AuditRecord } from "../core/stores/audit-store.js";
import type { Flow } from "../core/stores/flow-store.js";
import type { Stores } from "../core/stores/stores.js";
import type { TokenCachePartition } from "../core/stores/token-cache-store.js";
import type { User, UserProfile } from "../core/stores/user.js";

// Complete samples for the store contract. A test changes only the values that its rule is about.

/** Brands a string as any of our branded types. */
export function brand<Brand extends string>(text: string): Brand {
  return text as Brand;
}

/** The instant of the samples, to the millisecond. */
export const now = new Date("2026-03-01T09:00:00.123Z");

/** Returns an instant after `now`. */
export function later(milliseconds: number): Date {
  return new Date(now.getTime() + milliseconds);
}

/** A flow that expires ten minutes after `now`. */
export function createFlow(changes: Partial<Flow> = {}): Flow {
  return {
    stateDigest: brand("n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"),
    browserTokenDigest: brand("Lca_R_ReJAnBrmQe8p1Cy5L2eQGq6kLhTqQ6eKQxNIY"),
    nonce: brand("zR3kPq8mV1yB5tXn"),
    sealedCodeVerifier: brand("k1.c2VhbGVkLXZlcmlmaWVy"),
    scopes: ["User.Read", "Mail.Read"],
    returnUrl: brand("https://app.test/orders?page=2#row-7"),
    issuer: "https://login.test/{tenantid}/v2.0",
    maxAgeSeconds: 300,
    createdAt: now,
    expiresAt: later(600_000),
    ...changes,
  };
}

/** The profile of Ada, of the tenant `1111…`. */
export function createProfile(changes: Partial<UserProfile> = {}): UserProfile {
  return {
    tenantId: brand("11111111-1111-4111-8111-111111111111"),
    objectId: brand("aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"),
    subject: "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
    name: "Ada Lovelace",
    preferredUsername: "ada@contoso.test",
    email: "ada@contoso.test",
    roles: ["Admin", "Reader"],
    groups: ["99999999-9999-4999-8999-999999999999"],
    ...changes,
  };
}

/** A session of the user `user-ada` with an idle timeout of an hour and an absolute timeout of a day. */
export function createSession(
  changes: Partial<StoredSession> = {},
): StoredSession {
  return {
    id: brand("session-1"),
    userId: brand("user-ada"),
    secretDigest: brand("XohImNooBHFR0OVvjcYpJ3NgPQ1qq73WKhHvch0VQtg"),
    providerSessionId: "provider-session-1",
    logoutHint: "O.CiQxMjM0",
    partitionKey: brand("ada.contoso"),
    userAgent: "Mozilla/5.0 (X11; Linux x86_64)",
    authenticatedAt: later(-60_000),
    createdAt: now,
    lastSeenAt: now,
    idleExpiresAt: later(3_600_000),
    expiresAt: later(86_400_000),
    ...changes,
  };
}

/** A token cache partition of Ada's account that expires after a day. */
export function createPartition(
  changes: Partial<Omit<TokenCachePartition, "version">> = {},
): Omit<TokenCachePartition, "version"> {
  return {
    partitionKey: brand("ada.contoso"),
    sealedCache: brand("k1.c2VhbGVkLWNhY2hl"),
    expiresAt: later(86_400_000),
    ...changes,
  };
}

/** An entry of the audit trail: Ada was disabled by the user `user-bob`. */
export function createAuditRecord(
  changes: Partial<AuditRecord> = {},
): AuditRecord {
  return {
    id: brand("audit-1"),
    type: "user.disabled",
    occurredAt: now,
    flowId: undefined,
    sessionId: undefined,
    userId: brand("user-ada"),
    actorId: brand("user-bob"),
    code: undefined,
    aadsts: undefined,
    reason: undefined,
    ...changes,
  };
}

/** A tenant other than Ada's. */
export const otherTenantId = brand<TenantId>(
  "22222222-2222-4222-8222-222222222222",
);

/** An admission of Ada, as `user-ada`, with the sample session. */
export function createAdmission(changes: Partial<Admission> = {}): Admission {
  const { userId: candidateId, ...session } = createSession();
  return {
    candidateId,
    profile: createProfile(),
    session,
    replaces: undefined,
    entries: undefined,
    ...changes,
  };
}

/** The session of an admission, with these changes. */
export function createAdmittedSession(
  changes: Partial<Admission["session"]> = {},
): Admission["session"] {
  return { ...createAdmission().session, ...changes };
}

/** Adds a user without a session, by a sign-in at `now` whose session has ended; by default Ada, as `user-ada`. */
export async function addUser(
  { sessionStore }: Stores,
  id = "user-ada",
  changes: Partial<UserProfile> = {},
): Promise<User> {
  const own = id === "user-ada" ? {} : { objectId: brand<ObjectId>(id) };
  const sessionId = brand<SessionId>(`session-of-${id}`);
  const { user } = await sessionStore.admit(
    createAdmission({
      candidateId: brand(id),
      profile: createProfile({ ...own, ...changes }),
      session: createAdmittedSession({ id: sessionId }),
    }),
  );
  await sessionStore.end(sessionId);
  return user;
}

/** Starts the sample session with these changes, by another sign-in of its user. Add the user first. */
export async function startSession(
  { userStore, sessionStore }: Stores,
  changes: Partial<StoredSession> = {},
): Promise<StoredSession> {
  const { userId, ...session } = createSession(changes);
  const user = await userStore.find(userId);
  assert.ok(user !== undefined, "Add the session's user first.");
  await sessionStore.admit(
    createAdmission({
      candidateId: brand("unused-candidate"),
      profile: user,
      session,
    }),
  );
  return { ...session, userId };
}

/** Returns the numbers of the sessions that still exist: `session-1` is 1. */
export async function listLivingSessions(
  { sessionStore }: Stores,
  count: number,
): Promise<readonly number[]> {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  const found = await Promise.all(
    numbers.map((number) => sessionStore.find(brand(`session-${number}`))),
  );
  return numbers.filter((_, index) => found[index] !== undefined);
}

/** Returns the value that a store returns for this session after it has ended it. */
export function toEnded({
  id,
  userId,
  partitionKey,
}: StoredSession): EndedSession {
  return { id, userId, partitionKey };
}

/** Sorts ended sessions by ID, because stores return them in any order. */
export function sortById(
  sessions: readonly EndedSession[],
): readonly EndedSession[] {
  return sessions.toSorted((one, other) => (one.id < other.id ? -1 : 1));
}

/** Runs the action `count` times concurrently and returns all results. */
export function callConcurrently<Result>(
  times: number,
  action: (index: number) => Promise<Result>,
): Promise<Result[]> {
  return Promise.all(
    Array.from({ length: times }, (_, index) => action(index)),
  );
}
