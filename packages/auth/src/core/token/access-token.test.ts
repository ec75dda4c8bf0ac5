import { describe, expect, it } from "vitest";
import { signIn } from "../../testing/sign-in.js";
import { createPartitionKey } from "../../testing/provider/fake-identity-client.js";
import {
  createTestAuth,
  createTestPorts,
  findStored,
} from "../../testing/test-auth.js";
import type { TestAuth } from "../../testing/test-auth.js";
import { testPeople } from "../../testing/provider/test-people.js";
import type { TestPerson } from "../../testing/provider/test-people.js";
import { createAuth } from "../create-auth.js";
import { AuthError } from "../error.js";
import type { PartitionKey } from "../identifiers.js";
import type { ActiveSession } from "../session/active-session.js";
import { readTokenCache } from "./token-cache.js";

const { ada, ben } = testPeople;
const scopes = ["User.Read"];

async function signInAs(
  person: TestPerson = ada,
): Promise<{ readonly test: TestAuth; readonly signedIn: ActiveSession }> {
  const test = createTestAuth();
  return { test, signedIn: await signIn(test, { person, scopes }) };
}

describe("acquireAccessToken", () => {
  it("answers the token of the cache while it is fresh, without asking the identity provider", async () => {
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

  it("acquires a token for other scopes and keeps it for the next caller", async () => {
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

  it("[T8] asks the identity provider once when ten callers need the same token", async () => {
    const { test, signedIn } = await signInAs();

    const tokens = await Promise.all(
      Array.from({ length: 10 }, () =>
        test.auth.acquireAccessToken(signedIn, { scopes, forceRefresh: true }),
      ),
    );

    expect(new Set(tokens).size).toBe(1);
    expect(test.identityClient.countRequests("acquireToken")).toBe(1);
  });

  it("asks again after a failure that concurrent callers have shared", async () => {
    const { test, signedIn } = await signInAs();
    test.identityClient.failWith(
      "acquireToken",
      new AuthError("identity_provider_unavailable", "Nobody answers."),
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

  it("[V8] gives each of many people a token of their own, all refreshing at the same time", async () => {
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
      "another person (refresh-token-invalid-sub)",
      ada,
      { oid: ben.objectId, sub: "subject-of-ben" },
    ],
    ["another oid under the same sub", ada, { oid: ben.objectId }],
    ["the same oid under another sub", ada, { sub: "another-subject" }],
    [
      "another organisation's person",
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

  it("refuses tokens of another account, and keeps none of them", async () => {
    const { test, signedIn } = await signInAs();
    const before = await test.auth.acquireAccessToken(signedIn, { scopes });
    test.identityClient.changeTokenAnswers({
      partitionKey: "somebody.else" as PartitionKey,
      idToken: undefined,
    });

    const acquiring = test.auth.acquireAccessToken(signedIn, {
      scopes,
      forceRefresh: true,
    });

    await expect(acquiring).rejects.toMatchObject({ code: "id_token_invalid" });
    await expect(
      test.auth.acquireAccessToken(signedIn, { scopes }),
    ).resolves.toBe(before);
  });

  it("accepts a refresh that brings no ID token", async () => {
    const { test, signedIn } = await signInAs();
    test.identityClient.changeTokenAnswers({ idToken: undefined });

    await expect(
      test.auth.acquireAccessToken(signedIn, { scopes, forceRefresh: true }),
    ).resolves.toBeDefined();
  });

  it("says that the person must sign in again where the refresh token is dead", async () => {
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

  it("looks for no tokens, and asks for a sign-in, where the session has none", async () => {
    const { test, signedIn } = await signInAs();
    const { tokenCacheStore, sessionStore } = test.stores;
    const asked: unknown[] = [];
    const find: typeof tokenCacheStore.find = async (partitionKey, now) => {
      asked.push(partitionKey);
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
    expect(asked).toEqual([]);
  });

  it("says that the person must sign in again where the tokens were forgotten", async () => {
    const { test, signedIn } = await signInAs();
    test.clock.advance(90_000);
    await test.auth.deleteExpired();

    const acquiring = test.auth.acquireAccessToken(signedIn, { scopes });

    await expect(acquiring).rejects.toMatchObject({
      code: "interaction_required",
    });
  });

  it("says that the person must sign in again where the tokens are forgotten before its turn comes", async () => {
    const { test, signedIn } = await signInAs();
    const { tokenCacheStore } = test.stores;
    let reads = 0;
    const find: typeof tokenCacheStore.find = async (partitionKey, now) => {
      reads += 1;
      return reads === 1 ? tokenCacheStore.find(partitionKey, now) : undefined;
    };
    const watched = createTestAuth({
      stores: { ...test.stores, tokenCacheStore: { ...tokenCacheStore, find } },
    });

    const acquiring = watched.auth.acquireAccessToken(signedIn, {
      scopes,
      forceRefresh: true,
    });

    await expect(acquiring).rejects.toMatchObject({
      code: "interaction_required",
    });
  });

  it("answers what another server has refreshed meanwhile, without asking the identity provider once more", async () => {
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

  it("asks the identity provider for a claims challenge of an API, though the cache holds a fresh token", async () => {
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

  it("validates no ID token of the cache, which was validated when it came", async () => {
    const { test, signedIn } = await signInAs();
    test.identityClient.changeTokenAnswers({
      fromCache: true,
      idToken: "of the cache",
    });

    await expect(
      test.auth.acquireAccessToken(signedIn, { scopes, forceRefresh: true }),
    ).resolves.toBeDefined();
  });

  it("ends its turn where the refresh fails, so that the next server need not wait", async () => {
    const ports = createTestPorts();
    const auth = createAuth({
      appUrl: "https://app.test",
      identityClient: ports.identityClient,
      stores: ports,
      secrets: [new Uint8Array(32).fill(7)],
      now: ports.now,
    });
    const { identityClient } = ports;
    const signedIn = await signIn(
      { auth, identityClient },
      { person: ada, scopes },
    );
    identityClient.revokeRefreshTokens();
    await auth
      .acquireAccessToken(signedIn, { scopes, forceRefresh: true })
      .catch(() => undefined);

    const tokens = await readTokenCache(ports, createPartitionKey(ada));

    expect(tokens).toMatchObject({ leasedUntil: undefined });
  });

  it("writes nothing where the token came from the cache", async () => {
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

    // One says that a refresh is under way, the other keeps what came of it.
    expect([writesOfCached, writes]).toEqual([0, 2]);
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

  it("[T9] leaves in place what another server wrote meanwhile, and still answers its own token", async () => {
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

  it("opens tokens sealed with the secret before the last change, and no others", async () => {
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

    const answers = await Promise.allSettled([
      rotated.auth.acquireAccessToken(signedIn, { scopes }),
      replaced.auth.acquireAccessToken(signedIn, { scopes }),
    ]);

    expect(answers).toMatchObject([
      { status: "fulfilled" },
      { status: "rejected", reason: { code: "interaction_required" } },
    ]);
  });
});
