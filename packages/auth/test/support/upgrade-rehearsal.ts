import { expect } from "vitest";

import type { Stores } from "../../src/core/stores/stores.js";
import {
  brand,
  createAdmission,
  createAdmittedSession,
  createProfile,
} from "../../src/testing/store-samples.js";

/** The SQL literals of a database for the rows of a rehearsal. */
export interface SqlDialect {
  /** Formats an instant, given in milliseconds since 1970. */
  instant(milliseconds: number): string;
}

/** The rows of an earlier version of the tables, and the expectations of a current store. */
export interface HistoricRows {
  insertions(dialect: SqlDialect): readonly string[];
  expectRows(stores: Stores): Promise<void>;
}

const signedInAt = Date.UTC(2026, 2, 1, 9, 0, 0, 123);
const disabledAt = Date.UTC(2026, 2, 2);
const expiresAt = Date.UTC(2036, 2, 1);
const tenantId = "11111111-1111-4111-8111-111111111111";

/** The client that upgrades the databases of the rehearsal. */
export const clientId = "client of O'Brien";

/** What people had done when a migration was the newest: rows of the tables that it brought, in its own columns. */
export const initialRows = ({ instant }: SqlDialect): readonly string[] => [
  `INSERT INTO "user" (id, tenant_id, object_id, subject, name, preferred_username, email, roles, groups, created_at, last_sign_in_at, disabled_at)
  VALUES ('user-ada', '${tenantId}', 'object', 'subject', 'Ada', NULL, 'ada@contoso.test', '["Reader"]', '[]', ${instant(signedInAt)}, ${instant(signedInAt)}, NULL),
  ('user-eve', '${tenantId}', 'object-of-eve', 'subject-of-eve', 'Eve', NULL, NULL, '["Admin"]', '["group"]', ${instant(signedInAt)}, ${instant(signedInAt)}, ${instant(disabledAt)})`,
  `INSERT INTO session (id, user_id, secret_digest, provider_session_id, logout_hint, partition_key, user_agent, created_at, last_seen_at, idle_expires_at, expires_at)
  VALUES ('session-1', 'user-ada', 'digest', 'sid', NULL, 'partition', 'browser', ${instant(signedInAt)}, ${instant(signedInAt)}, ${instant(expiresAt)}, ${instant(expiresAt)})`,
  `INSERT INTO flow (state_digest, browser_token_digest, nonce, sealed_code_verifier, scopes, return_url, issuer, created_at, expires_at)
  VALUES ('state', 'browser', 'nonce', 'sealed', '["User.Read"]', 'https://app.test/', 'issuer', ${instant(signedInAt)}, ${instant(expiresAt)})`,
  `INSERT INTO token_cache (partition_key, sealed_cache, version, expires_at)
  VALUES ('partition', 'sealed', 7, ${instant(expiresAt)})`,
];

/** Like `initialRows`, for the audit trail and the rate limits. */
export const auditTrailRows = ({ instant }: SqlDialect): readonly string[] => [
  `INSERT INTO auth_event (id, type, occurred_at, tenant_id, session_id, user_id)
  VALUES ('audit-1', 'session.started', ${instant(signedInAt)}, '${tenantId}', 'session-1', 'user-ada')`,
  `INSERT INTO rate_limit (key, points, expire) VALUES ('login:203.0.113.7', 4, ${expiresAt})`,
];

/** Like `initialRows`, for the leases. */
export const housekeepingRows = ({
  instant,
}: SqlDialect): readonly string[] => [
  `INSERT INTO lease (name, holder, expires_at) VALUES ('housekeeping', 'server-1', ${instant(expiresAt)})`,
];

/** As `initialRows`, of what one client knows: of a client that migrated, and of another one. */
export const clientRows = ({ instant }: SqlDialect): readonly string[] => [
  `INSERT INTO auth_user (id, tenant_id, object_id, name, preferred_username) VALUES ('user-bob', '${tenantId}', 'object-of-bob', 'Bob', NULL)`,
  ...["client of O''Brien", "another client"].map(
    (
      client,
    ) => `INSERT INTO auth_user_client (user_id, client_id, subject, email, roles, groups, created_at, last_sign_in_at, disabled_at)
  VALUES ('user-bob', '${client}', 'subject-of-bob', NULL, '["${client.length}"]', '[]', ${instant(signedInAt)}, ${instant(signedInAt)}, NULL)`,
  ),
];

/** As `initialRows`, of an entry of the audit trail that is found by its user. */
export const userEventRows = ({ instant }: SqlDialect): readonly string[] => [
  `INSERT INTO auth_event (id, client_id, type, occurred_at, tenant_id, user_id)
  VALUES ('audit-2', 'client of O''Brien', 'session.ended', ${instant(signedInAt)}, '22222222-2222-4222-8222-222222222222', 'user-of-event')`,
];

/** Expects what `userEventRows` wrote. */
export async function expectUserEventRows({
  auditStore,
}: Stores): Promise<void> {
  const entries = await auditStore.listOfUser({
    userId: brand("user-of-event"),
    before: undefined,
    limit: 10,
  });
  expect(entries).toMatchObject([
    { id: "audit-2", occurredAt: new Date(signedInAt) },
  ]);
}

/** Expects what `clientRows` wrote, as a store of today returns it. */
export async function expectClientRows({ userStore }: Stores): Promise<void> {
  expect(await userStore.find(brand("user-bob"))).toMatchObject({
    objectId: "object-of-bob",
    subject: "subject-of-bob",
    roles: ["18"],
    disabledAt: undefined,
  });
}

/**
 * Expects what `initialRows` wrote, as it is after an upgrade that did not know the client: users stay who they are, and
 * stay disabled; what belonged to a client is gone.
 */
export async function expectUnclaimedRows(stores: Stores): Promise<void> {
  const { sessionStore, flowStore, tokenCacheStore } = stores;
  const at = new Date(signedInAt);

  expect(await sessionStore.find(brand("session-1"))).toBeUndefined();
  expect(await flowStore.isPending(brand("state"), at)).toBe(false);
  expect(await tokenCacheStore.find(brand("partition"), at)).toBeUndefined();
  expect(await admit(stores, "object")).toMatchObject({
    user: { id: "user-ada", createdAt: at, roles: ["Reader"] },
    isNewUser: true,
  });
  expect(await admit(stores, "object-of-eve")).toMatchObject({
    user: { id: "user-eve", disabledAt: new Date(disabledAt) },
  });
  expect(await sessionStore.find(brand("of object"))).toBeDefined();
  expect(await sessionStore.find(brand("of object-of-eve"))).toBeUndefined();
}

function admit({ sessionStore }: Stores, objectId: string) {
  return sessionStore.admit(
    createAdmission({
      candidateId: brand("unused-candidate"),
      profile: createProfile({
        tenantId: brand(tenantId),
        objectId: brand(objectId),
        roles: ["Reader"],
      }),
      session: createAdmittedSession({ id: brand(`of ${objectId}`) }),
    }),
  );
}

/** Expects what `housekeepingRows` wrote, as a store of today answers it. */
export async function expectHousekeepingRows(stores: Stores): Promise<void> {
  const lease = {
    name: "housekeeping",
    holder: "server-2",
    expiresAt: new Date(expiresAt),
  };

  expect(await stores.leaseStore.acquire(lease, new Date(expiresAt - 1))).toBe(
    false,
  );
  expect(
    await stores.leaseStore.acquire(
      { ...lease, holder: "server-1" },
      new Date(expiresAt - 1),
    ),
  ).toBe(true);
}

/** Expects that a current store reads the rows of `initialRows`. */
export async function expectInitialRows(stores: Stores): Promise<void> {
  const at = new Date(signedInAt);
  const until = new Date(expiresAt);

  expect(await stores.sessionStore.find(brand("session-1"))).toEqual({
    session: {
      id: "session-1",
      userId: "user-ada",
      secretDigest: "digest",
      providerSessionId: "sid",
      logoutHint: undefined,
      partitionKey: "partition",
      userAgent: "browser",
      authenticatedAt: undefined,
      createdAt: at,
      lastSeenAt: at,
      idleExpiresAt: until,
      expiresAt: until,
    },
    user: {
      id: "user-ada",
      tenantId,
      objectId: "object",
      subject: "subject",
      name: "Ada",
      preferredUsername: undefined,
      email: "ada@contoso.test",
      roles: ["Reader"],
      groups: [],
      createdAt: at,
      lastSignInAt: at,
      disabledAt: undefined,
    },
  });
  expect(await stores.userStore.find(brand("user-eve"))).toMatchObject({
    email: undefined,
    roles: ["Admin"],
    groups: ["group"],
    disabledAt: new Date(disabledAt),
  });
  expect(
    await stores.flowStore.take(brand("state"), brand("browser"), at),
  ).toEqual({
    stateDigest: "state",
    browserTokenDigest: "browser",
    nonce: "nonce",
    sealedCodeVerifier: "sealed",
    scopes: ["User.Read"],
    returnUrl: "https://app.test/",
    issuer: "issuer",
    maxAgeSeconds: undefined,
    createdAt: at,
    expiresAt: until,
  });
  expect(await stores.tokenCacheStore.find(brand("partition"), at)).toEqual({
    partitionKey: "partition",
    sealedCache: "sealed",
    version: 7,
    expiresAt: until,
  });
}

/** Expects that a current store reads the rows of `auditTrailRows`. */
export async function expectAuditTrailRows(stores: Stores): Promise<void> {
  const [entry, ...others] = await stores.auditStore.list({
    tenantId: brand(tenantId),
    includesUnattributed: false,
    before: undefined,
    limit: 10,
  });
  expect(others).toEqual([]);
  expect(entry).toMatchObject({
    id: "audit-1",
    type: "session.started",
    occurredAt: new Date(signedInAt),
    sessionId: "session-1",
    userId: "user-ada",
    userName: "Ada",
  });
  expect(
    await stores.rateLimitStore.count("login:203.0.113.7", 60),
  ).toMatchObject({ count: 5 });
}
