import { describe, expect, it } from "vitest";
import { openMigratedTestDatabase } from "../../../test/sqlite-test-database.js";
import { createSqliteStores } from "../../drizzle/sqlite/stores.js";
import { signIn } from "../../testing/sign-in.js";
import { createTestAuth, testOrigin } from "../../testing/test-auth.js";
import type { TestAuth } from "../../testing/test-auth.js";
import { testPeople } from "../../testing/provider/test-people.js";
import { createAuditTrail } from "./audit-trail.js";
import { createAuth } from "../create-auth.js";
import { AuthError } from "../error.js";
import type { PartitionKey, TenantId } from "../identifiers.js";
import type { DeletedRows } from "./delete-expired.js";
import type { StoredSession } from "../stores/session-store.js";
import { addSeconds } from "../time.js";

const { ada } = testPeople;
const scopes = ["User.Read"];
const idleSeconds = 3600;
/** For how long other servers may still honour what has expired by this one's clock. */
const skewSeconds = 300;
/** Longer than the idle timeout, shorter than the tokens live. */
const goneSeconds = idleSeconds + skewSeconds;

function findTokens({ stores, clock }: TestAuth, session: StoredSession) {
  const { partitionKey = "" as PartitionKey } = session;
  return stores.tokenCacheStore.find(partitionKey, clock.now());
}

describe("deleteExpired", () => {
  it("forgets the tokens with the last session that refers to them, as any other end does", async () => {
    const test = createTestAuth();
    const { session, user } = await signIn(test, { person: ada, scopes });
    test.clock.advance(goneSeconds);

    const deleted = await test.auth.deleteExpired();

    expect(deleted).toMatchObject({ sessions: 1, tokenCaches: 0 });
    await expect(findTokens(test, session)).resolves.toBeUndefined();
    expect(test.events.at(-1)).toEqual({
      type: "session.ended",
      sessionId: session.id,
      userId: user.id,
      reason: "expired",
    });
  });

  it("tells of every session that it has deleted, though the database fails meanwhile", async () => {
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

  it("keeps the tokens that another session of the account still refers to", async () => {
    const test = createTestAuth();
    await signIn(test, { person: ada, scopes });
    test.clock.advance(goneSeconds);
    const { session } = await signIn(test, { person: ada, scopes });

    const deleted = await test.auth.deleteExpired();

    expect(deleted).toMatchObject({ sessions: 1 });
    await expect(findTokens(test, session)).resolves.toBeDefined();
  });

  it("keeps what has expired for as long as another server, whose clock is behind, may honour it", async () => {
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
  ];

  it.each(breakages)(
    "removes the others and reports %s",
    async (kind, change) => {
      const test = await createAgedTrail(90, [400]);
      await test.auth.initiateFlow();
      await test.stores.rateLimitStore.count("login:203.0.113.7", 60);
      // Rate limits go by the clock of the process, which is ahead of the test's.
      test.clock.advance((Date.now() - test.clock.now().getTime()) / 1000);
      test.clock.advance(100 * 86_400);
      change(test.stores);

      const { failures, ...deleted } = await test.auth.deleteExpired();

      expect(failures).toEqual([{ kind, error: failure }]);
      const one = { flows: 1, sessions: 1, rateCounts: 1, auditEntries: 1 };
      // The session's own tokens go with it, unless it stays.
      const tokenCaches = kind === "sessions" ? 1 : 0;
      expect(deleted).toMatchObject({ ...one, tokenCaches, [kind]: 0 });
    },
  );

  it.each([
    ["auth_flow", "flows"],
    ["auth_rate_limit", "rateCounts"],
  ] as const)(
    "empties the other tables of a database whose table %s is broken",
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

/** Two servers with one clock, and so many flows that have expired. */
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
  it("is done by the one that began, until it has stopped", async () => {
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
  });

  it("is done by another ten minutes after the one that began was killed", async () => {
    const { auth, other, clock } = await createTwoServers(3);
    await auth.deleteExpired(1);

    clock.advance(599);
    const before = await other.deleteExpired(1);
    clock.advance(1);
    const after = await other.deleteExpired(1);

    expect([before.flows, after.flows]).toEqual([0, 1]);
  });
});

/** An audit trail with one entry of each age, by a clock that then stands at the present. */
async function createAgedTrail(
  auditRetentionDays: number | undefined,
  ages: readonly number[],
): Promise<TestAuth> {
  const test = createTestAuth({ auditRetentionDays });
  const { userId } = (await signIn(test, { person: ada, scopes })).session;
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
  it("deletes entries of the audit trail that are older, so many at a time", async () => {
    const test = await createAgedTrail(90, [400, 91, 90.5, 90, 89, 0]);

    const deleted = [
      await test.auth.deleteExpired(2),
      await test.auth.deleteExpired(2),
    ];

    expect(deleted.map(({ auditEntries }) => auditEntries)).toEqual([2, 1]);
    await expect(countEntries(test)).resolves.toBe(3);
  });

  it("keeps every entry if it is not told for how long", async () => {
    const test = await createAgedTrail(undefined, [4000, 400]);

    const { auditEntries } = await test.auth.deleteExpired();

    expect(auditEntries).toBe(0);
    await expect(countEntries(test)).resolves.toBe(2);
  });
});
