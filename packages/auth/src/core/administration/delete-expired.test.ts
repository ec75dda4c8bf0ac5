import { describe, expect, it } from "vitest";
import { openMigratedTestDatabase } from "../../../test/sqlite-test-database.js";
import { createSqliteStores } from "../../drizzle/sqlite/stores.js";
import { createPartitionKey } from "../../testing/provider/fake-identity-client.js";
import { signIn } from "../../testing/sign-in.js";
import { brand } from "../../testing/store-samples.js";
import { createTestAuth, testOrigin } from "../../testing/test-auth.js";
import type { TestAuth } from "../../testing/test-auth.js";
import { testPeople } from "../../testing/provider/test-people.js";
import { createAuditTrail } from "./audit-trail.js";
import { createAuth } from "../create-auth.js";
import { AuthError } from "../error.js";
import type { TenantId, UserId } from "../identifiers.js";
import type { DeletedRows } from "./delete-expired.js";
import { addSeconds } from "../time.js";

const { ada } = testPeople;
const scopes = ["User.Read"];
const idleSeconds = 3600;
/** How long a server whose clock is behind may accept expired rows. */
const skewSeconds = 300;
/** Longer than the idle timeout, shorter than the lifetime of the tokens. */
const goneSeconds = idleSeconds + skewSeconds;

function findTokens({ stores, clock }: TestAuth) {
  return stores.tokenCacheStore.find(createPartitionKey(ada), clock.now());
}

/** Acquires a lease as a server that crashes before it releases it. */
async function leaveLease(
  { stores, clock }: TestAuth,
  name: string,
): Promise<void> {
  const expiresAt = addSeconds(clock.now(), 10);
  const lease = { name, holder: "crashed", expiresAt };
  await stores.leaseStore.acquire(lease, clock.now());
}

describe("deleteExpired", () => {
  it("deletes the tokens with the last session that refers to them", async () => {
    const test = createTestAuth();
    const { session, user } = await signIn(test, { person: ada, scopes });
    test.clock.advance(goneSeconds);

    const deleted = await test.auth.deleteExpired();

    expect(deleted).toMatchObject({ sessions: 1, tokenCaches: 0 });
    await expect(findTokens(test)).resolves.toBeUndefined();
    expect(test.events.at(-1)).toEqual({
      type: "session.ended",
      sessionId: session.id,
      userId: user.id,
      reason: "expired",
    });
  });

  it("reports every deleted session even if the database fails afterwards", async () => {
    const test = createTestAuth();
    for (let count = 0; count < 25; count += 1)
      await signIn(test, { person: ada });
    test.clock.advance(goneSeconds);
    const unavailable = new AuthError("store_unavailable", "Not now.");
    test.stores.tokenCacheStore.deleteUnused = () =>
      Promise.reject(unavailable);

    const deleted = await test.auth.deleteExpired();

    expect(deleted).toMatchObject({
      sessions: 25,
      failures: Array.from({ length: 3 }, () => ({
        kind: "sessions",
        error: unavailable,
      })),
    });
    const ended = test.events.filter(({ type }) => type === "session.ended");
    expect(ended).toHaveLength(25);
  });

  it("lets the process serve requests meanwhile", async () => {
    const test = createTestAuth();
    let turns = 0;
    const wait = () => {
      turns += 1;
      turn = setImmediate(wait);
    };
    let turn = setImmediate(wait);

    await test.auth.deleteExpired();

    clearImmediate(turn);
    expect(turns).toBeGreaterThan(3);
  });

  it("does not query the audit trail without auditRetentionDays", async () => {
    const test = createTestAuth();
    test.stores.auditStore.deleteBefore = () =>
      Promise.reject(new AuthError("store_unavailable", "Not now."));

    await expect(test.auth.deleteExpired()).resolves.toMatchObject({
      failures: [],
    });
  });

  it("keeps the tokens that another session of the account still refers to", async () => {
    const test = createTestAuth();
    await signIn(test, { person: ada, scopes });
    test.clock.advance(goneSeconds);
    await signIn(test, { person: ada, scopes });

    const deleted = await test.auth.deleteExpired();

    expect(deleted).toMatchObject({ sessions: 1 });
    await expect(findTokens(test)).resolves.toBeDefined();
  });

  it("keeps expired rows while another server, whose clock is behind, may accept them", async () => {
    const test = createTestAuth();
    await test.auth.initiateFlow();
    await signIn(test, { person: ada });

    test.clock.advance(600 + skewSeconds - 1);
    const beforeFlow = await test.auth.deleteExpired();
    test.clock.advance(1);
    const flow = await test.auth.deleteExpired();
    test.clock.advance(goneSeconds - (600 + skewSeconds) - 1);
    const beforeSession = await test.auth.deleteExpired();
    test.clock.advance(1);
    const session = await test.auth.deleteExpired();

    expect(
      [beforeFlow, flow, beforeSession, session].map(({ flows, sessions }) => [
        flows,
        sessions,
      ]),
    ).toEqual([
      [0, 0],
      [1, 0],
      [0, 0],
      [0, 1],
    ]);
  });
});

describe("deleteExpired with a kind that fails", () => {
  const failure = new AuthError("store_unavailable", "Not now.");
  const fail = () => Promise.reject(failure);
  const breakages: readonly [
    kind: keyof DeletedRows,
    change: (stores: TestAuth["stores"]) => void,
  ][] = [
    ["flows", ({ flowStore }) => void (flowStore.deleteExpired = fail)],
    [
      "sessions",
      ({ sessionStore }) => void (sessionStore.deleteExpired = fail),
    ],
    [
      "tokenCaches",
      ({ tokenCacheStore }) => void (tokenCacheStore.deleteExpired = fail),
    ],
    [
      "rateCounts",
      ({ rateLimitStore }) => void (rateLimitStore.deleteExpired = fail),
    ],
    ["auditEntries", ({ auditStore }) => void (auditStore.deleteBefore = fail)],
    ["leases", ({ leaseStore }) => void (leaseStore.deleteExpired = fail)],
  ];

  it.each(breakages)(
    "deletes the other kinds and reports %s",
    async (kind, change) => {
      const test = await createAgedTrail(90, [400]);
      await test.auth.initiateFlow();
      await test.stores.rateLimitStore.count("login:203.0.113.7", 60);
      await leaveLease(test, "token:client:partition");
      // Rate limits use the clock of the process, which is ahead of the test's.
      test.clock.advance((Date.now() - test.clock.now().getTime()) / 1000);
      test.clock.advance(100 * 86_400);
      change(test.stores);

      const { failures, ...deleted } = await test.auth.deleteExpired();

      expect(failures).toEqual([{ kind, error: failure }]);
      expect(deleted).toEqual({
        flows: 1,
        sessions: 1,
        // The session's own tokens are deleted with it, unless it stays.
        tokenCaches: kind === "sessions" ? 1 : 0,
        rateCounts: 1,
        auditEntries: 1,
        leases: 1,
        [kind]: 0,
      });
    },
  );

  it.each([
    ["auth_flow", "flows"],
    ["auth_rate_limit", "rateCounts"],
  ] as const)(
    "deletes from the other tables of a database whose table %s is missing",
    async (table, kind) => {
      const { database, close } = openMigratedTestDatabase();
      const test = createTestAuth({ stores: createSqliteStores(database) });
      await test.auth.initiateFlow();
      await signIn(test, { person: ada });
      await test.stores.rateLimitStore.count("login:203.0.113.7", 60);
      test.clock.advance((Date.now() - test.clock.now().getTime()) / 1000);
      test.clock.advance(86_400);
      database.exec(`DROP TABLE ${table}`);

      const { failures, ...deleted } = await test.auth.deleteExpired();
      close();

      expect(failures).toEqual([
        { kind, error: expect.objectContaining({ code: "store_unavailable" }) },
      ]);
      expect(deleted).toMatchObject({
        flows: 1,
        sessions: 1,
        rateCounts: 1,
        [kind]: 0,
      });
    },
  );
});

/** Two servers with one clock and a number of expired flows. */
async function createTwoServers(flows: number) {
  const test = createTestAuth();
  const { auth, stores, clock, identityClient } = test;
  const other = createAuth({
    appUrl: testOrigin,
    secrets: [new Uint8Array(32)],
    identityClient,
    stores,
    now: clock.now,
  });
  for (let count = 0; count < flows; count += 1) await auth.initiateFlow();
  clock.advance(goneSeconds);
  return { auth, other, clock };
}

describe("deleteExpired of two servers on one database", () => {
  it("runs only on the first server until that server stops", async () => {
    const { auth, other } = await createTwoServers(4);

    const deleted = [
      await auth.deleteExpired(1),
      await other.deleteExpired(1),
      await auth.deleteExpired(1),
    ];
    await other.releaseHousekeeping();
    deleted.push(await other.deleteExpired(1));
    await auth.releaseHousekeeping();
    deleted.push(await other.deleteExpired(1), await auth.deleteExpired(1));

    expect(deleted.map(({ flows }) => flows)).toEqual([1, 0, 1, 0, 1, 0]);
    expect(deleted.flatMap(({ failures }) => failures)).toEqual([]);
  });

  it("runs on another server ten minutes after the first one was killed", async () => {
    const { auth, other, clock } = await createTwoServers(3);
    await auth.deleteExpired(1);

    clock.advance(599);
    const before = await other.deleteExpired(1);
    clock.advance(1);
    const after = await other.deleteExpired(1);

    expect([before.flows, after.flows]).toEqual([0, 1]);
  });
});

/** An audit trail with one entry of each age. */
async function createAgedTrail(
  auditRetentionDays: number | undefined,
  ages: readonly number[],
): Promise<TestAuth> {
  const test = createTestAuth({ auditRetentionDays });
  const { user } = await signIn(test, { person: ada, scopes });
  const userId: UserId = brand(user.id);
  for (const days of ages) {
    const then = addSeconds(test.clock.now(), -days * 86_400);
    const trail = createAuditTrail({
      auditStore: test.stores.auditStore,
      onFailure: (error) => expect.unreachable(String(error)),
      now: () => then,
    });
    trail.record({ type: "user.enabled", userId, actorId: userId });
    await trail.settle();
  }
  return test;
}

async function countEntries({ stores }: TestAuth): Promise<number> {
  const entries = await stores.auditStore.list({
    tenantId: ada.tenantId as TenantId,
    includesUnattributed: true,
    before: undefined,
    limit: 100,
  });
  return entries.length;
}

describe("deleteExpired with auditRetentionDays", () => {
  it("deletes older entries of the audit trail, up to the limit at a time", async () => {
    const test = await createAgedTrail(90, [400, 91, 90.5, 90, 89, 0]);

    const deleted = [
      await test.auth.deleteExpired(2),
      await test.auth.deleteExpired(2),
    ];

    expect(deleted.map(({ auditEntries }) => auditEntries)).toEqual([2, 1]);
    await expect(countEntries(test)).resolves.toBe(3);
  });

  it("keeps every entry if it is undefined", async () => {
    const test = await createAgedTrail(undefined, [4000, 400]);

    const { auditEntries } = await test.auth.deleteExpired();

    expect(auditEntries).toBe(0);
    await expect(countEntries(test)).resolves.toBe(2);
  });
});
