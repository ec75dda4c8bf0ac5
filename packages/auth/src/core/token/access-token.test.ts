import { describe, expect, it } from "vitest";
import { signIn } from "../../testing/sign-in.js";
import { createPartitionKey } from "../../testing/provider/fake-identity-client.js";
import { createTestAuth, findStored } from "../../testing/test-auth.js";
import type { TestAuth } from "../../testing/test-auth.js";
import { testPeople } from "../../testing/provider/test-people.js";
import type { TestPerson } from "../../testing/provider/test-people.js";
import { AuthError } from "../error.js";
import type { PartitionKey } from "../identifiers.js";
import type { ActiveSession } from "../session/active-session.js";
import type { Lease } from "../stores/lease-store.js";
import { addSeconds } from "../time.js";

const { ada, ben } = testPeople;
const scopes = ["User.Read"];

async function signInAs(
  person: TestPerson = ada,
): Promise<{ readonly test: TestAuth; readonly signedIn: ActiveSession }> {
  const test = createTestAuth();
  return { test, signedIn: await signIn(test, { person, scopes }) };
}

/** The lease of another server that refreshes Ada's tokens. */
function createLockLease({ identityClient, clock }: TestAuth): Lease {
  return {
    name: `token:${identityClient.clientId}:${createPartitionKey(ada)}`,
    holder: "another",
    expiresAt: addSeconds(clock.now(), 10),
  };
}

describe("acquireAccessToken", () => {
  it("returns the token of the cache while it is fresh, without a request to the identity provider", async () => {
    const { test, signedIn } = await signInAs();

    const accessToken = await test.auth.acquireAccessToken(signedIn, {
      scopes,
    });

    expect(accessToken).toContain(`access-token-of-${ada.objectId}`);
    expect(test.identityClient.countRequests("acquireToken")).toBe(0);
    expect(test.events.at(-1)).toEqual({
      type: "token.acquired",
      sessionId: signedIn.session.id,
      fromCache: true,
    });
  });

  it("acquires a token for other scopes and stores it for the next caller", async () => {
    const { test, signedIn } = await signInAs();

    const first = await test.auth.acquireAccessToken(signedIn, {
      scopes: ["Mail.Read"],
    });
    const second = await test.auth.acquireAccessToken(signedIn, {
      scopes: ["Mail.Read"],
    });

    expect(second).toBe(first);
    expect(test.identityClient.countRequests("acquireToken")).toBe(1);
  });

  it("[T8] sends one request to the identity provider when ten callers need the same token", async () => {
    const { test, signedIn } = await signInAs();

    const tokens = await Promise.all(
      Array.from({ length: 10 }, () =>
        test.auth.acquireAccessToken(signedIn, { scopes, forceRefresh: true }),
      ),
    );

    expect(new Set(tokens).size).toBe(1);
    expect(test.identityClient.countRequests("acquireToken")).toBe(1);
  });

  it("sends a new request after a failure that concurrent callers shared", async () => {
    const { test, signedIn } = await signInAs();
    test.identityClient.failWith(
      "acquireToken",
      new AuthError("identity_provider_unavailable", "The provider is down."),
    );
    const acquire = () =>
      test.auth.acquireAccessToken(signedIn, { scopes, forceRefresh: true });

    const failed = await Promise.allSettled([acquire(), acquire()]);
    test.identityClient.failWith("acquireToken", undefined);

    expect(failed.map(({ status }) => status)).toEqual([
      "rejected",
      "rejected",
    ]);
    await expect(acquire()).resolves.toBeDefined();
    expect(test.identityClient.countRequests("acquireToken")).toBe(2);
  });

  it("[V8] returns each user's own token when many users refresh at the same time", async () => {
    const test = createTestAuth();
    const people = Array.from({ length: 50 }, (_, index) => ({
      ...ada,
      objectId: `ada00000-0000-4000-8000-${String(index).padStart(12, "0")}`,
    }));
    const sessions = await Promise.all(
      people.map((person) => signIn(test, { person, scopes })),
    );

    const tokens = await Promise.all(
      sessions.flatMap((signedIn) => [
        test.auth.acquireAccessToken(signedIn, { scopes, forceRefresh: true }),
        test.auth.acquireAccessToken(signedIn, { scopes, forceRefresh: true }),
      ]),
    );

    const owners = tokens.map((token) =>
      people.findIndex(({ objectId }) => token.includes(objectId)),
    );
    expect(owners).toEqual(people.flatMap((_, index) => [index, index]));
  });

  it.each<[string, TestPerson, Readonly<Record<string, unknown>>]>([
    [
      "another user (refresh-token-invalid-sub)",
      ada,
      { oid: ben.objectId, sub: "subject-of-ben" },
    ],
    ["another oid under the same sub", ada, { oid: ben.objectId }],
    ["the same oid under another sub", ada, { sub: "another-subject" }],
    [
      "another organisation's user",
      ada,
      {
        tid: testPeople.graceAtHome.tenantId,
        iss: `https://login.test/${testPeople.graceAtHome.tenantId}/v2.0`,
      },
    ],
    [
      "another issuer (refresh-token-invalid-issuer)",
      ada,
      { iss: "https://evil.test/v2.0" },
    ],
    ["another client", ada, { aud: "another-client" }],
    ["a time long ago", ada, { exp: 1 }],
    ["another authentication", ada, { auth_time: 1 }],
  ])(
    "refuses a refreshed ID token that names %s",
    async (_, person, claims) => {
      const { test, signedIn } = await signInAs(person);
      test.identityClient.identityProvider.changeIdTokens({ claims });

      const acquiring = test.auth.acquireAccessToken(signedIn, {
        scopes,
        forceRefresh: true,
      });

      await expect(acquiring).rejects.toMatchObject({
        code: "id_token_invalid",
      });
    },
  );

  it("refuses a refreshed ID token with a forged signature", async () => {
    const { test, signedIn } = await signInAs();
    test.identityClient.identityProvider.changeIdTokens({
      signature: "unpublished_key",
    });

    const acquiring = test.auth.acquireAccessToken(signedIn, {
      scopes,
      forceRefresh: true,
    });

    await expect(acquiring).rejects.toMatchObject({ code: "id_token_invalid" });
  });

  it("refuses tokens of another account and stores none of them", async () => {
    const { test, signedIn } = await signInAs();
    const before = await test.auth.acquireAccessToken(signedIn, { scopes });
    test.identityClient.changeTokenAnswers((response) => ({
      ...response,
      partitionKey: "another.account" as PartitionKey,
      idToken: undefined,
    }));

    const acquiring = test.auth.acquireAccessToken(signedIn, {
      scopes,
      forceRefresh: true,
    });

    await expect(acquiring).rejects.toMatchObject({ code: "id_token_invalid" });
    await expect(
      test.auth.acquireAccessToken(signedIn, { scopes }),
    ).resolves.toBe(before);
  });

  it("returns a token of the cache without the refresh lock", async () => {
    const { test, signedIn } = await signInAs();
    test.stores.leaseStore.acquire = () =>
      Promise.reject(new AuthError("store_unavailable", "Not now."));

    await expect(
      test.auth.acquireAccessToken(signedIn, { scopes }),
    ).resolves.toContain(ada.objectId);
  });

  it("accepts a refresh without an ID token", async () => {
    const { test, signedIn } = await signInAs();
    test.identityClient.changeTokenAnswers((response) => ({
      ...response,
      idToken: undefined,
    }));

    await expect(
      test.auth.acquireAccessToken(signedIn, { scopes, forceRefresh: true }),
    ).resolves.toBeDefined();
  });

  it("throws interaction_required if the refresh token was revoked", async () => {
    const { test, signedIn } = await signInAs();
    test.identityClient.revokeRefreshTokens();

    const acquiring = test.auth.acquireAccessToken(signedIn, {
      scopes,
      forceRefresh: true,
    });

    await expect(acquiring).rejects.toMatchObject({
      code: "interaction_required",
    });
    expect(test.identityClient.countRequests("acquireToken")).toBe(1);
    expect(test.events.at(-1)).toEqual({
      type: "token.refused",
      sessionId: signedIn.session.id,
      userId: signedIn.user.id,
      code: "interaction_required",
    });
  });

  it("throws interaction_required, without a query of the token cache, if the session has no tokens", async () => {
    const { test, signedIn } = await signInAs();
    const { tokenCacheStore, sessionStore } = test.stores;
    const queries: unknown[] = [];
    const find: typeof tokenCacheStore.find = async (partitionKey, now) => {
      queries.push(partitionKey);
      return tokenCacheStore.find(partitionKey, now);
    };
    const { session, user } = await findStored(test, signedIn);
    const without = { session: { ...session, partitionKey: undefined }, user };
    const watched = createTestAuth({
      stores: {
        ...test.stores,
        sessionStore: { ...sessionStore, find: async () => without },
        tokenCacheStore: { ...tokenCacheStore, find },
      },
    });

    const acquiring = watched.auth.acquireAccessToken(signedIn, { scopes });

    await expect(acquiring).rejects.toMatchObject({
      code: "interaction_required",
    });
    expect(queries).toEqual([]);
  });

  it("throws interaction_required if the tokens were deleted", async () => {
    const { test, signedIn } = await signInAs();
    test.clock.advance(90_000);
    await test.auth.deleteExpired();

    const acquiring = test.auth.acquireAccessToken(signedIn, { scopes });

    await expect(acquiring).rejects.toMatchObject({
      code: "interaction_required",
    });
  });

  it("throws interaction_required if the tokens are deleted while another server holds the lock", async () => {
    const { test, signedIn } = await signInAs();
    const lease = createLockLease(test);
    const { leaseStore, tokenCacheStore } = test.stores;
    await leaseStore.acquire(lease, test.clock.now());
    const acquiring = test.auth.acquireAccessToken(signedIn, {
      scopes,
      forceRefresh: true,
    });
    const refused = expect(acquiring).rejects.toMatchObject({
      code: "interaction_required",
    });

    const { session } = await findStored(test, signedIn);
    await test.stores.sessionStore.end(session.id);
    await tokenCacheStore.deleteUnused(createPartitionKey(ada));
    await leaseStore.release(lease);

    await refused;
    expect(test.identityClient.countRequests("acquireToken")).toBe(0);
  });

  it("returns what another server refreshes at the same time, without a second request to the identity provider", async () => {
    const { test, signedIn } = await signInAs();
    const other = createTestAuth({ stores: test.stores });

    const tokens = await Promise.all(
      [test, other].map(({ auth }) =>
        auth.acquireAccessToken(signedIn, { scopes, forceRefresh: true }),
      ),
    );

    const requests = [test, other].map(({ identityClient }) =>
      identityClient.countRequests("acquireToken"),
    );
    expect(new Set(tokens).size).toBe(1);
    expect(requests.toSorted()).toEqual([0, 1]);
  });

  it("returns what another server refreshed between the read and the lock, without a second request to the identity provider", async () => {
    const { test, signedIn } = await signInAs();
    const refresh = { scopes, forceRefresh: true };
    const { leaseStore } = test.stores;
    let refreshed: string | undefined;
    const acquire: typeof leaseStore.acquire = async (lease, now) => {
      refreshed = await test.auth.acquireAccessToken(signedIn, refresh);
      return leaseStore.acquire(lease, now);
    };
    const stores = { ...test.stores, leaseStore: { ...leaseStore, acquire } };
    const other = createTestAuth({ stores });

    const token = await other.auth.acquireAccessToken(signedIn, refresh);

    expect(token).toBe(refreshed);
    expect(other.identityClient.countRequests("acquireToken")).toBe(0);
    await expect(
      test.stores.tokenCacheStore.find(
        createPartitionKey(ada),
        test.clock.now(),
      ),
    ).resolves.toMatchObject({ version: 2 });
  });

  it("sends a request to the identity provider for a claims challenge, although the cache holds a fresh token", async () => {
    const { test, signedIn } = await signInAs();
    const challenge = '{"access_token":{"acrs":{"value":"c1"}}}';

    const [token, challenged] = [
      await test.auth.acquireAccessToken(signedIn, { scopes }),
      await test.auth.acquireAccessToken(signedIn, {
        scopes,
        claims: challenge,
      }),
    ];

    expect(challenged).not.toBe(token);
    expect(test.identityClient.countRequests("acquireToken")).toBe(1);
  });

  it("does not validate the ID token of the cache, which was validated when it was received", async () => {
    const { test, signedIn } = await signInAs();
    test.identityClient.changeTokenAnswers((response) => ({
      ...response,
      fromCache: true,
      idToken: "of the cache",
    }));

    await expect(
      test.auth.acquireAccessToken(signedIn, { scopes, forceRefresh: true }),
    ).resolves.toBeDefined();
  });

  it("releases the lock when the refresh fails, so that the next server does not wait", async () => {
    const { test, signedIn } = await signInAs();
    test.identityClient.revokeRefreshTokens();

    await test.auth
      .acquireAccessToken(signedIn, { scopes, forceRefresh: true })
      .catch(() => undefined);

    const lease = createLockLease(test);
    await expect(
      test.stores.leaseStore.acquire(lease, test.clock.now()),
    ).resolves.toBe(true);
  });

  it("writes the token cache once for a refresh, and not at all for a token of the cache", async () => {
    const { test, signedIn } = await signInAs();
    const { tokenCacheStore } = test.stores;
    let writes = 0;
    const replace: typeof tokenCacheStore.replace = async (partition) => {
      writes += 1;
      return tokenCacheStore.replace(partition);
    };
    const watched = createTestAuth({
      stores: {
        ...test.stores,
        tokenCacheStore: { ...tokenCacheStore, replace },
      },
    });

    await watched.auth.acquireAccessToken(signedIn, { scopes });
    const writesOfCached = writes;
    await watched.auth.acquireAccessToken(signedIn, {
      scopes,
      forceRefresh: true,
    });

    expect([writesOfCached, writes]).toEqual([0, 1]);
  });

  it("[T5] does not open a partition that was moved to another account", async () => {
    const { test } = await signInAs();
    const bens = await signIn(test, { person: ben, scopes });
    const read = (person: TestPerson) =>
      test.stores.tokenCacheStore.find(
        createPartitionKey(person),
        test.clock.now(),
      );
    const [adasPartition, bensPartition] = [await read(ada), await read(ben)];
    if (adasPartition === undefined || bensPartition === undefined)
      throw new Error("There are no partitions.");
    await test.stores.tokenCacheStore.put({
      ...bensPartition,
      sealedCache: adasPartition.sealedCache,
    });

    const acquiring = test.auth.acquireAccessToken(bens, { scopes });

    await expect(acquiring).rejects.toMatchObject({
      code: "interaction_required",
    });
  });

  it("[T9] does not overwrite tokens that another server stored meanwhile, and returns its own token", async () => {
    const { test, signedIn } = await signInAs();
    const partitionKey = createPartitionKey(ada);
    const { tokenCacheStore } = test.stores;
    const stores = {
      ...test.stores,
      tokenCacheStore: {
        ...tokenCacheStore,
        replace: async () => false,
      },
    };
    const before = await tokenCacheStore.find(partitionKey, test.clock.now());
    const other = createTestAuth({ stores });

    const accessToken = await other.auth.acquireAccessToken(signedIn, {
      scopes,
      forceRefresh: true,
    });

    expect(accessToken).toContain(ada.objectId);
    await expect(
      tokenCacheStore.find(partitionKey, test.clock.now()),
    ).resolves.toEqual(before);
  });

  it("decrypts tokens that were encrypted with the previous secret, and no others", async () => {
    const { test, signedIn } = await signInAs();
    const [oldSecret, newSecret] = [
      new Uint8Array(32).fill(7),
      new Uint8Array(32).fill(8),
    ];
    const rotated = createTestAuth({
      stores: test.stores,
      secrets: [newSecret, oldSecret],
    });
    const replaced = createTestAuth({
      stores: test.stores,
      secrets: [newSecret],
    });

    const results = await Promise.allSettled([
      rotated.auth.acquireAccessToken(signedIn, { scopes }),
      replaced.auth.acquireAccessToken(signedIn, { scopes }),
    ]);

    expect(results).toMatchObject([
      { status: "fulfilled" },
      { status: "rejected", reason: { code: "interaction_required" } },
    ]);
  });
});
