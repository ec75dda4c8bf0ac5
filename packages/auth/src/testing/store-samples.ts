import type { Flow, Session, TokenCachePartition } from "../core/ports.js";
import type { UserProfile } from "../core/user.js";

// The samples of the store contract. Each is complete; a test changes what its rule is about.

/** A text as any of our branded texts: the store contract needs some of every brand. */
export function brand<Brand extends string>(text: string): Brand {
  return text as Brand;
}

/** The instant at which the samples were made, to the millisecond. */
export const now = new Date("2026-03-01T09:00:00.123Z");

/** The instant so many milliseconds after `now`. */
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

/** A session of the user `user-ada`: idle after an hour, over after a day. */
export function createSession(changes: Partial<Session> = {}): Session {
  return {
    id: brand("session-1"),
    userId: brand("user-ada"),
    secretDigest: brand("XohImNooBHFR0OVvjcYpJ3NgPQ1qq73WKhHvch0VQtg"),
    providerSessionId: "provider-session-1",
    logoutHint: "O.CiQxMjM0",
    partitionKey: brand("ada.contoso"),
    userAgent: "Mozilla/5.0 (X11; Linux x86_64)",
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

/** Calls the action so many times at once and answers every answer. */
export function callConcurrently<Answer>(
  times: number,
  action: (index: number) => Promise<Answer>,
): Promise<Answer[]> {
  return Promise.all(
    Array.from({ length: times }, (_, index) => action(index)),
  );
}
