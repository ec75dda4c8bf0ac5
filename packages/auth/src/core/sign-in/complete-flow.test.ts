import { parseCallback } from "./callback.js";
import type { CallbackParameters } from "./callback.js";
import { describe, expect, it } from "vitest";
import { signIn, signInAtProvider } from "../../testing/sign-in.js";
import { brand } from "../../testing/store-samples.js";
import { createMemoryStores } from "../../testing/memory/stores.js";
import { createPartitionKey } from "../../testing/provider/fake-identity-client.js";
import {
  createTestAuth,
  createTestCore,
  findStored,
} from "../../testing/test-auth.js";
import type { TestAuth } from "../../testing/test-auth.js";
import { testPeople, testTenants } from "../../testing/provider/test-people.js";
import type { TestPerson } from "../../testing/provider/test-people.js";
import { AuthError } from "../error.js";
import type {
  ObjectId,
  PartitionKey,
  SessionId,
  TenantId,
  UserId,
} from "../identifiers.js";
import type { CompletedSignIn, SignIn, SignInDecision } from "../options.js";
import type { Core } from "../core.js";
import type { ActiveUser } from "../session/active-session.js";
import type { Stores } from "../stores/stores.js";
import type { Callback, CompletedFlow } from "./complete-flow.js";
import { createFlowCompletion } from "./complete-flow.js";
import { createFlowStart } from "./flow.js";
import type { User } from "../stores/user.js";

const { ada, ben, grace, graceAtHome, pia } = testPeople;

function refusal(code: string): object {
  return { name: "AuthError", code };
}

function withClaims(
  person: TestPerson,
  claims: Readonly<Record<string, unknown>>,
): TestPerson {
  return { ...person, claims };
}

const scopes = ["User.Read"];

async function disable(
  { stores, clock }: TestAuth,
  { id, tenantId }: ActiveUser,
): Promise<void> {
  await stores.userStore.disable(brand(id), brand(tenantId), clock.now());
}

async function signInBefore(test: TestAuth): Promise<CompletedFlow> {
  return signIn(test, { person: ada, scopes });
}

describe("completeFlow", () => {
  it("starts a session for the user named by the ID token", async () => {
    const test = createTestAuth();
    const callback = await signInAtProvider(test, {
      person: ada,
      userAgent: "Firefox",
    });

    const completed = await test.auth.completeFlow(callback);

    expect(completed.isNewUser).toBe(true);
    await expect(findStored(test, completed)).resolves.toMatchObject({
      user: {
        tenantId: ada.tenantId,
        objectId: ada.objectId,
        name: "Ada Lovelace",
        roles: ["Admin"],
      },
      session: { userAgent: "Firefox" },
    });
  });

  it("returns the visitor to the page they came from", async () => {
    const test = createTestAuth();

    const { returnUrl } = await signIn(test, {
      person: ada,
      returnUrl: "/orders?page=2#row-7",
    });

    expect(returnUrl).toBe("https://app.test/orders?page=2#row-7");
  });

  it("returns the visitor to the start page if the return URL is on another origin", async () => {
    const test = createTestAuth();

    const { returnUrl } = await signIn(test, {
      person: ada,
      returnUrl: "https://evil.test/",
    });

    expect(returnUrl).toBe("https://app.test/");
  });

  it("refuses a callback from another browser and keeps the flow for its own browser", async () => {
    const test = createTestAuth();
    const callback = await signInAtProvider(test, { person: ada });

    const foreign = test.auth.completeFlow({
      ...callback,
      browserToken: undefined,
    });

    await expect(foreign).rejects.toMatchObject(refusal("browser_mismatch"));
    await expect(
      test.auth.completeFlow({
        ...callback,
        ...parseCallback({ ...callback.parameters, admin_consent: "True" }),
        browserToken: undefined,
      }),
    ).rejects.toMatchObject(refusal("browser_mismatch"));
    expect(test.identityClient.countRequests("exchangeCode")).toBe(0);
    await expect(test.auth.completeFlow(callback)).resolves.toBeDefined();
  });

  it("completes two flows of one browser in any order", async () => {
    const test = createTestAuth();
    const [first, second] = [
      await signInAtProvider(test, { person: ada, returnUrl: "/one" }),
      await signInAtProvider(test, { person: ada, returnUrl: "/two" }),
    ];

    const completed = [
      await test.auth.completeFlow(second),
      await test.auth.completeFlow(first),
    ];

    expect(completed.map(({ returnUrl }) => returnUrl)).toEqual([
      "https://app.test/two",
      "https://app.test/one",
    ]);
  });

  it("refuses the code of another flow", async () => {
    const test = createTestAuth();
    const mallory = await signInAtProvider(test, { person: ben });
    const victim = await signInAtProvider(test, {
      person: ada,
      parameters: { code: mallory.parameters["code"] },
    });

    const completing = test.auth.completeFlow(victim);

    await expect(completing).rejects.toMatchObject(refusal("code_rejected"));
  });

  it("[F12] refuses an ID token of another flow", async () => {
    const test = createTestAuth();
    const callback = await signInAtProvider(test, { person: ada });
    test.identityClient.identityProvider.changeIdTokens({
      claims: { nonce: "nonce-of-another-flow" },
    });

    const completing = test.auth.completeFlow(callback);

    await expect(completing).rejects.toMatchObject(refusal("id_token_invalid"));
  });

  it.each([
    ["another provider's", { iss: "https://evil.test/v2.0" }],
    [
      "repeated",
      {
        iss: [
          `https://login.test/${ada.tenantId}/v2.0`,
          `https://login.test/${ada.tenantId}/v2.0`,
        ],
      },
    ],
    [
      "another provider's in an error response",
      {
        iss: "https://evil.test/v2.0",
        error: "access_denied",
        code: undefined,
      },
    ],
  ])("sends no code if iss is %s", async (_, parameters) => {
    const test = createTestAuth();
    const callback = await signInAtProvider(test, { person: ada, parameters });

    const completing = test.auth.completeFlow(callback);

    await expect(completing).rejects.toMatchObject(refusal("issuer_mismatch"));
    expect(test.identityClient.countRequests("exchangeCode")).toBe(0);
  });

  it("sends no code if the provider's issuer has changed since the flow was initiated", async () => {
    const test = createTestAuth({ client: { tenant: "contoso.test" } });
    const { identityProvider } = test.identityClient;
    identityProvider.changeMetadata({
      issuer: `https://login.test/${testTenants.contoso}/v2.0`,
    });
    const callback = await signInAtProvider(test, { person: ada });
    identityProvider.changeMetadata({
      issuer: `https://login.test/${testTenants.fabrikam}/v2.0`,
    });
    test.clock.advance(599);
    const later = createTestAuth({
      stores: test.stores,
      client: { tenant: "contoso.test" },
    });
    later.identityClient.identityProvider.changeMetadata({
      issuer: `https://login.test/${testTenants.fabrikam}/v2.0`,
    });

    const completing = later.auth.completeFlow(callback);

    await expect(completing).rejects.toMatchObject(refusal("issuer_mismatch"));
    expect(later.identityClient.countRequests("exchangeCode")).toBe(0);
  });

  it("[F17] checks the state before it reports an error of the provider", async () => {
    const test = createTestAuth();
    const parameters = { state: "x".repeat(43), error: "access_denied" };

    const completing = test.auth.completeFlow({
      ...parseCallback(parameters),
      browserToken: "any",
    });

    await expect(completing).rejects.toMatchObject(refusal("flow_not_found"));
  });

  it("throws admin_consent_returned for an administrator's consent without a flow, and takes no other flow", async () => {
    const test = createTestAuth();
    const callback = await signInAtProvider(test, { person: ada });

    const consented = test.auth.completeFlow({
      ...callback,
      ...parseCallback({ state: "s".repeat(43), admin_consent: "True" }),
    });

    await expect(consented).rejects.toMatchObject({
      code: "admin_consent_returned",
    });
    await expect(test.auth.completeFlow(callback)).resolves.toBeDefined();
  });

  it("has a return URL in its failure only if the flow was taken", async () => {
    const test = createTestAuth();
    const [callback, refused] = [
      await signInAtProvider(test, { person: ada }),
      await signInAtProvider(test, {
        person: ada,
        parameters: { error: "access_denied" },
      }),
    ];
    const foreign = { ...callback, browserToken: undefined };

    const failures = await Promise.all(
      [
        foreign,
        { ...callback, ...parseCallback({ state: "s".repeat(43) }) },
        { ...callback, ...parseCallback({}) },
        refused,
      ].map((delivered) =>
        test.auth.completeFlow(delivered).catch((error: unknown) => error),
      ),
    );

    expect(failures).toMatchObject([
      { code: "browser_mismatch", returnUrl: undefined, isFlowTaken: false },
      { code: "flow_not_found", returnUrl: undefined, isFlowTaken: false },
      { code: "invalid_request", returnUrl: undefined, isFlowTaken: false },
      {
        code: "authorization_denied",
        returnUrl: expect.any(String),
        isFlowTaken: true,
      },
    ]);
  });

  it("consumes the flow if the callback reports an error of the provider", async () => {
    const test = createTestAuth();
    const callback = await signInAtProvider(test, { person: ada });
    const parameters = {
      state: callback.parameters["state"],
      error: "access_denied",
    };

    const refused = await test.auth
      .completeFlow({ ...callback, ...parseCallback(parameters) })
      .catch((error: unknown) => error);

    expect(refused).toMatchObject(refusal("authorization_denied"));
    await expect(test.auth.completeFlow(callback)).rejects.toMatchObject(
      refusal("flow_not_found"),
    );
  });

  it("consumes the flow if the exchange fails", async () => {
    const test = createTestAuth();
    const callback = await signInAtProvider(test, { person: ada });
    test.identityClient.failWith(
      "exchangeCode",
      new AuthError("identity_provider_unavailable", "It is down."),
    );

    const failed = await test.auth
      .completeFlow(callback)
      .catch((error: unknown) => error);
    test.identityClient.failWith("exchangeCode", undefined);

    expect(failed).toMatchObject(refusal("identity_provider_unavailable"));
    await expect(test.auth.completeFlow(callback)).rejects.toMatchObject(
      refusal("flow_not_found"),
    );
  });

  it("refuses a token response without an ID token", async () => {
    const test = createTestAuth();
    const callback = await signInAtProvider(test, { person: ada });
    test.identityClient.changeTokenAnswers((answer) => ({
      ...answer,
      idToken: undefined,
    }));

    await expect(test.auth.completeFlow(callback)).rejects.toMatchObject({
      code: "id_token_invalid",
      message: "The identity provider sent no ID token.",
    });
  });

  it("[E8] refuses an ID token whose client_info identifies another user of the tenant", async () => {
    const test = createTestAuth();
    const callback = await signInAtProvider(test, { person: ada });
    test.identityClient.changeTokenAnswers((answer) => ({
      ...answer,
      partitionKey: createPartitionKey(ben),
    }));

    await expect(test.auth.completeFlow(callback)).rejects.toMatchObject(
      refusal("id_token_invalid"),
    );
  });

  it("signs a guest in with their object ID in the organisation that they signed in to", async () => {
    const test = createTestAuth();

    const completed = await signIn(test, { person: grace });

    const { user, session } = await findStored(test, completed);
    expect(user).toMatchObject({
      tenantId: testTenants.contoso,
      objectId: grace.objectId,
    });
    expect(session.partitionKey).toBe(
      `${graceAtHome.objectId}.${graceAtHome.tenantId}`,
    );
  });

  it("stores no user if the ID token is refused", async () => {
    const test = createTestAuth();
    const admissions: string[] = [];
    const { sessionStore } = test.stores;
    const watched = createTestAuth({
      stores: {
        ...test.stores,
        sessionStore: {
          ...sessionStore,
          admit: (admission) => {
            admissions.push(admission.profile.objectId);
            return sessionStore.admit(admission);
          },
        },
      },
    });
    const callback = await signInAtProvider(watched, { person: pia });

    const refused = await watched.auth
      .completeFlow(callback)
      .catch((error: unknown) => error);

    expect(refused).toMatchObject(refusal("tenant_not_allowed"));
    expect(admissions).toEqual([]);
  });
});

describe("completeFlow: the return URL of a failure", () => {
  const returnUrl = "/orders?page=2#row-7";

  it("is on the error if the app refuses the sign-in", async () => {
    const test = createTestAuth({ onSignIn: () => ({ refuse: "No." }) });

    const refused = signIn(test, { person: ada, returnUrl });

    await expect(refused).rejects.toMatchObject({
      code: "sign_in_refused",
      returnUrl: "https://app.test/orders?page=2#row-7",
    });
  });

  it("is on the error if the identity provider refuses", async () => {
    const test = createTestAuth();

    const refused = signIn(test, {
      person: ada,
      returnUrl,
      parameters: { error: "access_denied", code: undefined },
    });

    await expect(refused).rejects.toMatchObject({
      code: "authorization_denied",
      returnUrl: "https://app.test/orders?page=2#row-7",
    });
  });

  it("is on the error if the flow's secret is no longer configured", async () => {
    const stores = createMemoryStores();
    const before = createTestAuth({ stores });
    const after = createTestAuth({
      stores,
      secrets: [new Uint8Array(32).fill(8)],
    });
    const callback = await signInAtProvider(before, { person: ada, returnUrl });

    await expect(after.auth.completeFlow(callback)).rejects.toMatchObject({
      code: "flow_not_found",
      returnUrl: "https://app.test/orders?page=2#row-7",
      isFlowTaken: true,
    });
  });

  it.each<[string, Partial<Callback>]>([
    [
      "no flow waits",
      { ...parseCallback({ state: "S".repeat(43), code: "c" }) },
    ],
    ["another browser sends the callback", { browserToken: undefined }],
  ])("is not on the error if %s", async (_, changes) => {
    const test = createTestAuth();
    const callback = await signInAtProvider(test, { person: ada, returnUrl });

    const failed = await test.auth
      .completeFlow({ ...callback, ...changes })
      .catch((error: unknown) => error);

    expect(failed).toMatchObject({ name: "AuthError", returnUrl: undefined });
  });

  it("is not added to an error that several sign-ins share", async () => {
    const test = createTestAuth();
    const shared = new AuthError("code_rejected", "The code was used.");
    test.identityClient.failWith("exchangeCode", shared);

    const failed = await signIn(test, { person: ada, returnUrl }).catch(
      (error: unknown) => error,
    );

    expect(failed).toMatchObject({ code: "code_rejected" });
    expect(shared.returnUrl).toBeUndefined();
  });
});

describe("completeFlow: sessions", () => {
  it("starts a new session at every sign-in and ends the browser's old one", async () => {
    const test = createTestAuth();
    const old = await signInBefore(test);

    const fresh = await signIn(test, {
      person: ada,
      sessionCookie: old.sessionToken,
    });

    expect(fresh.session.id).not.toBe(old.session.id);
    await expect(
      test.auth.readSession(old.sessionToken),
    ).resolves.toBeUndefined();
  });

  it("does not end the user's sessions in other browsers", async () => {
    const test = createTestAuth();
    const other = await signInBefore(test);

    await signIn(test, { person: ada });

    await expect(
      test.auth.readSession(other.sessionToken),
    ).resolves.toBeDefined();
  });

  it("does not end a session for a cookie with its ID and a wrong secret", async () => {
    const test = createTestAuth();
    const other = await signInBefore(test);

    await signIn(test, {
      person: ben,
      sessionCookie: `${other.session.id}.${"x".repeat(43)}`,
    });

    await expect(
      test.auth.readSession(other.sessionToken),
    ).resolves.toBeDefined();
  });

  it.each<
    [
      string,
      (test: TestAuth) => void,
      Readonly<Record<string, string | undefined>>,
    ]
  >([
    [
      "the identity provider refuses",
      () => undefined,
      { error: "access_denied", code: undefined },
    ],
    [
      "the ID token is refused",
      (test) =>
        test.identityClient.identityProvider.changeIdTokens({
          signature: "none",
        }),
      {},
    ],
    ["the code is refused", () => undefined, { code: "another-code" }],
  ])(
    "[S3] does not end the existing session if %s",
    async (_, prepare, parameters) => {
      const test = createTestAuth();
      const present = await signInBefore(test);
      prepare(test);
      const callback = await signInAtProvider(test, {
        person: ben,
        sessionCookie: present.sessionToken,
        parameters,
      });

      const failed = await test.auth
        .completeFlow(callback)
        .catch((error: unknown) => error);

      expect(failed).toBeInstanceOf(AuthError);
      await expect(
        test.auth.readSession(present.sessionToken),
      ).resolves.toMatchObject({ user: { name: "Ada Lovelace" } });
    },
  );

  it.each([
    ["sid", "s1", "s1"],
    ["sid", "", undefined],
    ["sid", 5, undefined],
    ["sid", ["s1"], undefined],
    ["login_hint", "h1", "h1"],
    ["login_hint", "", undefined],
    ["login_hint", { h: 1 }, undefined],
  ])("stores the claim %s %j as %j", async (name, value, remembered) => {
    const test = createTestAuth();

    const completed = await signIn(test, {
      person: withClaims(ada, { [name]: value }),
    });

    const { session } = await findStored(test, completed);
    expect(
      name === "sid" ? session.providerSessionId : session.logoutHint,
    ).toBe(remembered);
  });

  it.each([
    ["auth_time", 1_772_355_000, new Date("2026-03-01T08:50:00Z")],
    [
      "now, if auth_time is later",
      1_772_355_900,
      new Date("2026-03-01T09:00:00Z"),
    ],
    ["undefined without auth_time", undefined, undefined],
  ])(
    "stores when the user authenticated: %s",
    async (_, auth_time, authenticatedAt) => {
      const test = createTestAuth();

      const completed = await signIn(test, {
        person: withClaims(ada, { auth_time }),
      });

      const { session } = await findStored(test, completed);
      expect(session.authenticatedAt).toEqual(authenticatedAt);
    },
  );

  it("does not accept a flow cookie as a session cookie", async () => {
    const test = createTestAuth();
    const flow = await test.auth.initiateFlow();

    const sessions = await Promise.all(
      [
        flow.browserToken,
        `${flow.flowId}.${flow.browserToken}`,
        `${flow.browserToken}.1772355600`,
      ].map((cookie) => test.auth.readSession(cookie)),
    );

    expect(sessions).toEqual([undefined, undefined, undefined]);
  });

  it("deletes the tokens of an account that another account replaces in the browser", async () => {
    const test = createTestAuth();
    const old = await signInBefore(test);

    await signIn(test, { person: ben, sessionCookie: old.sessionToken });

    const partitionKey = createPartitionKey(ada);
    await expect(
      test.stores.tokenCacheStore.find(partitionKey, test.clock.now()),
    ).resolves.toBeUndefined();
  });

  it("stores the tokens sealed until the session's absolute timeout", async () => {
    const test = createTestAuth();

    const { session } = await signIn(test, { person: ada, scopes });

    const partitionKey = createPartitionKey(ada);
    const partition = await test.stores.tokenCacheStore.find(
      partitionKey,
      test.clock.now(),
    );
    expect(partition).toMatchObject({ expiresAt: new Date(session.expiresAt) });
    expect(partition?.sealedCache).not.toContain("access-token");
  });
});

function never(): Promise<never> {
  return new Promise(() => undefined);
}

describe("completeFlow: deadline", () => {
  it("throws identity_provider_unavailable if any endpoint does not respond within the time limit", async () => {
    const outcomes = [];
    for (const endpoint of ["metadata", "keys", "exchange"] as const) {
      const core = createTestCore();
      const { identityClient } = core;
      const callback = await signInAtProvider(
        { auth: createFlowStart(core), identityClient },
        { person: ada },
      );
      core.clock.advance(endpoint === "metadata" ? 86_400 : 0);
      if (endpoint !== "exchange")
        identityClient.identityProvider.answerWith(endpoint, never);

      const failing: Core = {
        ...core,
        now: () => new Date("2026-03-01T09:00:00Z"),
        identityClient: {
          ...identityClient,
          exchangeCode:
            endpoint === "exchange" ? never : identityClient.exchangeCode,
        },
      };
      const completing = createFlowCompletion(failing, 20).completeFlow(
        callback,
      );
      outcomes.push(
        await completing.catch((error: unknown) => Object(error).code),
      );
    }

    expect(outcomes).toEqual(
      Array.from({ length: 3 }, () => "identity_provider_unavailable"),
    );
  });
});

describe("completeFlow: tokens", () => {
  it("[U11] leaves no session if the tokens cannot be stored", async () => {
    const stores = createMemoryStores();
    const started: SessionId[] = [];
    const test = createTestAuth({
      stores: {
        ...stores,
        sessionStore: {
          ...stores.sessionStore,
          admit: async (admission) => {
            started.push(admission.session.id);
            return stores.sessionStore.admit(admission);
          },
        },
        tokenCacheStore: {
          ...stores.tokenCacheStore,
          put: async () => {
            throw new AuthError("store_unavailable", "The disk is full.");
          },
        },
      },
    });

    const signingIn = signIn(test, { person: ada, scopes });

    await expect(signingIn).rejects.toMatchObject(refusal("store_unavailable"));
    expect(started).toHaveLength(1);
    await expect(
      stores.sessionStore.find(started[0] ?? ("" as SessionId)),
    ).resolves.toBeUndefined();
  });

  it("stores the tokens even if a sign-out in another browser deletes unused tokens at the same time", async () => {
    const stores = createMemoryStores();
    const test = createTestAuth({
      stores: {
        ...stores,
        sessionStore: {
          ...stores.sessionStore,
          admit: async (admission) => {
            const { partitionKey } = admission.session;
            if (partitionKey !== undefined)
              await stores.tokenCacheStore.deleteUnused(partitionKey);
            return stores.sessionStore.admit(admission);
          },
        },
      },
    });

    await signIn(test, { person: ada, scopes });

    await expect(
      stores.tokenCacheStore.find(createPartitionKey(ada), test.clock.now()),
    ).resolves.toBeDefined();
  });
});

function findTokens(
  { stores, clock }: TestAuth,
  person: TestPerson = ada,
): ReturnType<Stores["tokenCacheStore"]["find"]> {
  return stores.tokenCacheStore.find(createPartitionKey(person), clock.now());
}

describe("completeFlow: tokens that the app did not ask for", () => {
  it("are not stored, and the session acquires none", async () => {
    const test = createTestAuth();

    const signedIn = await signIn(test, { person: ada });

    await expect(findTokens(test)).resolves.toBeUndefined();
    await expect(
      test.auth.acquireAccessToken(signedIn, { scopes }),
    ).rejects.toMatchObject(refusal("interaction_required"));
  });

  it("do not replace those that an earlier sign-in of the account has stored", async () => {
    const test = createTestAuth();
    const before = await signInBefore(test);
    const tokens = await findTokens(test);

    const again = await signIn(test, {
      person: ada,
      sessionCookie: before.sessionToken,
    });

    await expect(findTokens(test)).resolves.toEqual(tokens);
    await expect(
      test.auth.acquireAccessToken(again, { scopes }),
    ).resolves.toContain(ada.objectId);
  });

  it("are stored if the sign-out sends the ID token, without replacing earlier ones", async () => {
    const test = createTestAuth({ signOut: { sendsIdTokenHint: true } });

    await signIn(test, { person: ben });
    await signInBefore(test);
    const tokens = await findTokens(test);
    await signIn(test, { person: ada });

    await expect(findTokens(test, ben)).resolves.toBeDefined();
    await expect(findTokens(test)).resolves.toEqual(tokens);
  });
});

describe("completeFlow: tokens of a session that ends during the sign-in", () => {
  it.each<[string, (stores: Stores, user: User) => Promise<unknown>]>([
    [
      "the user is disabled",
      ({ userStore }, { id, tenantId }) =>
        userStore.disable(id, tenantId, new Date(0)),
    ],
    [
      "the user signs out everywhere",
      ({ sessionStore }, { id }) => sessionStore.endAllOfUser(id),
    ],
  ])("are not kept if %s before they are stored", async (_, end) => {
    const stores = createMemoryStores();
    let user: User | undefined;
    const test = createTestAuth({
      stores: {
        ...stores,
        sessionStore: {
          ...stores.sessionStore,
          admit: async (admission) => {
            const admitted = await stores.sessionStore.admit(admission);
            ({ user } = admitted);
            return admitted;
          },
        },
        tokenCacheStore: {
          ...stores.tokenCacheStore,
          put: async (partition) => {
            if (user !== undefined) await end(stores, user);
            await stores.tokenCacheStore.deleteUnused(partition.partitionKey);
            await stores.tokenCacheStore.put(partition);
          },
        },
      },
    });

    const { sessionToken } = await signIn(test, { person: ada, scopes });

    await expect(test.auth.readSession(sessionToken)).resolves.toBeUndefined();
    await expect(
      stores.tokenCacheStore.find(createPartitionKey(ada), test.clock.now()),
    ).resolves.toBeUndefined();
  });
});

/** Signs in and returns the partition keys whose unused tokens are deleted. */
async function listDeleted(
  person: TestPerson,
): Promise<readonly PartitionKey[]> {
  const stores = createMemoryStores();
  const { tokenCacheStore } = stores;
  const deleted: PartitionKey[] = [];
  const deleteUnused = async (partitionKey: PartitionKey) => {
    deleted.push(partitionKey);
    await tokenCacheStore.deleteUnused(partitionKey);
  };
  const test = createTestAuth({
    stores: {
      ...stores,
      tokenCacheStore: { ...tokenCacheStore, deleteUnused },
    },
  });
  const old = await signInBefore(test);
  deleted.length = 0;
  await signIn(test, { person, sessionCookie: old.sessionToken });
  return deleted;
}

describe("completeFlow: the replaced session's tokens", () => {
  it("are deleted if they are another account's and no session needs them", async () => {
    await expect(listDeleted(ben)).resolves.toEqual([
      `${ada.objectId}.${ada.tenantId}`,
    ]);
  });

  it("are kept without a query if the account stays the same", async () => {
    await expect(listDeleted(ada)).resolves.toEqual([]);
  });
});

describe("completeFlow: users", () => {
  it("recognises a user by tenant ID and object ID at the next sign-in", async () => {
    const test = createTestAuth();
    const first = await signIn(test, { person: ada });

    const second = await signIn(test, {
      person: {
        ...ada,
        name: "Ada King",
        preferredUsername: "king@contoso.test",
      },
    });

    expect(second.isNewUser).toBe(false);
    expect(second.user).toMatchObject({
      id: first.user.id,
      name: "Ada King",
      preferredUsername: "king@contoso.test",
    });
  });

  it("creates two users for one e-mail address in two organisations", async () => {
    const test = createTestAuth();
    const claims = { email: "ada@contoso.test", xms_edov: true };

    const ours = await signIn(test, { person: withClaims(ada, claims) });
    const theirs = await signIn(test, {
      person: withClaims(
        { ...graceAtHome, preferredUsername: ada.preferredUsername },
        claims,
      ),
    });

    expect(theirs.isNewUser).toBe(true);
    expect(theirs.user.id).not.toBe(ours.user.id);
  });

  it("creates two users for one object ID in two organisations", async () => {
    const test = createTestAuth();

    const ours = await signIn(test, { person: ada });
    const theirs = await signIn(test, {
      person: { ...ada, tenantId: testTenants.fabrikam },
    });

    expect(theirs.user.id).not.toBe(ours.user.id);
  });

  it.each([
    [{ email: "ada@contoso.test" }, undefined],
    [{ email: "ada@contoso.test", xms_edov: true }, "ada@contoso.test"],
    [{ email: "ada@contoso.test", xms_edov: 1 }, "ada@contoso.test"],
    [{ email: "ada@contoso.test", xms_edov: "1" }, "ada@contoso.test"],
    [{ email: "ada@contoso.test", xms_edov: "true" }, "ada@contoso.test"],
    [{ email: "ada@contoso.test", xms_edov: false }, undefined],
    [{ email: "ada@contoso.test", xms_edov: 0 }, undefined],
    [{ email: "ada@contoso.test", xms_edov: "0" }, undefined],
    [{ email: "ada@contoso.test", xms_edov: "false" }, undefined],
    [{ email: "ada@contoso.test", xms_edov: [true] }, undefined],
    [{ email: "ada@contoso.test", email_verified: true }, undefined],
    [
      {
        email: "ada@contoso.test",
        verified_primary_email: ["ada@contoso.test"],
      },
      "ada@contoso.test",
    ],
    [
      {
        email: "ada@contoso.test",
        verified_primary_email: ["ben@contoso.test"],
      },
      undefined,
    ],
    [
      {
        email: "ada@contoso.test",
        verified_secondary_email: ["ada@contoso.test"],
      },
      undefined,
    ],
    [{ email: ["ada@contoso.test"], xms_edov: true }, undefined],
    [{ email: "", xms_edov: true }, undefined],
    [{ xms_edov: true }, undefined],
  ])(
    "stores an e-mail address only if the provider has verified it: %j",
    async (claims, email) => {
      const { user } = await signIn(createTestAuth(), {
        person: withClaims(ada, claims),
      });

      expect(user.email ?? undefined).toBe(email);
    },
  );

  it("refuses a disabled user, who stays disabled", async () => {
    const test = createTestAuth();
    const { user } = await signIn(test, { person: ada });
    await disable(test, user);

    const again = signIn(test, { person: ada });

    await expect(again).rejects.toMatchObject(refusal("user_disabled"));
    expect(test.events.at(-1)).toMatchObject({
      type: "flow.failed",
      userId: user.id,
    });
    await expect(
      test.stores.userStore.find(brand(user.id)),
    ).resolves.toMatchObject({
      disabledAt: test.clock.now(),
    });
  });

  it("ends every session of a user as soon as they are disabled", async () => {
    const test = createTestAuth();
    const [one, two] = [
      await signIn(test, { person: ada }),
      await signIn(test, { person: ada }),
    ];

    await disable(test, one.user);

    await expect(
      test.auth.readSession(one.sessionToken),
    ).resolves.toBeUndefined();
    await expect(
      test.auth.readSession(two.sessionToken),
    ).resolves.toBeUndefined();
  });

  it.each([
    [{ roles: "Admin" }, ["Admin"]],
    [{ roles: ["Admin", 5, null, { a: 1 }] }, ["Admin"]],
    [{ roles: { Admin: true } }, []],
    [{}, []],
  ])(
    "reads roles from a list of strings or from one string: %j",
    async (claims, roles) => {
      const { user } = await signIn(createTestAuth(), {
        person: withClaims(ada, claims),
      });

      expect(user.roles).toEqual(roles);
    },
  );

  it("limits the length of the user's name", async () => {
    const { user } = await signIn(createTestAuth(), {
      person: { ...ada, name: "x".repeat(10_000) },
    });

    expect(user.name).toHaveLength(512);
  });
});

function signInWith(
  onSignIn: (signIn: SignIn) => SignInDecision | Promise<SignInDecision>,
  person: TestPerson = ada,
) {
  const test = createTestAuth({ onSignIn });
  return { test, completing: signIn(test, { person }) };
}

const failingDecisions: [string, () => SignInDecision][] = [
  ["refuses", () => ({ refuse: "No." })],
  [
    "throws",
    () => {
      throw new Error("The licence database does not answer.");
    },
  ],
];

function findUser({ stores }: TestAuth): Promise<User | undefined> {
  return stores.userStore.findByObjectId(
    ada.tenantId as TenantId,
    ada.objectId as ObjectId,
  );
}

describe("onSignIn", () => {
  it("receives profile and claims, and no stored user before the first sign-in is admitted", async () => {
    const seen: SignIn[] = [];
    const { test, completing } = signInWith(async (signIn) => {
      seen.push(signIn);
      await expect(findUser(test)).resolves.toBeUndefined();
      return undefined;
    });

    await completing;

    expect(seen).toMatchObject([
      {
        profile: { objectId: ada.objectId, name: ada.name, roles: ["Admin"] },
        existingUser: undefined,
        isNewUser: true,
        idTokenClaims: { oid: ada.objectId },
        hasGroupOverage: false,
      },
    ]);
  });

  it("receives the stored user at every later sign-in", async () => {
    const seen: SignIn[] = [];
    const { test, completing } = signInWith((signIn) => {
      seen.push(signIn);
      return { roles: ["Reader"] };
    });
    const { user } = await findStored(test, await completing);

    await signIn(test, { person: { ...ada, name: "Ada King" } });

    expect(seen[1]).toMatchObject({
      profile: { name: "Ada King", roles: ["Admin"] },
      existingUser: user,
      isNewUser: false,
    });
  });

  it.each([
    [
      {
        _claim_names: { groups: "src1" },
        _claim_sources: { src1: { endpoint: "https://graph.test" } },
      },
    ],
    [{ hasgroups: true }],
    [{ hasgroups: "true" }],
  ])(
    "receives whether the user is in more groups than a token can hold: %j",
    async (claims) => {
      const overages: boolean[] = [];
      const { completing } = signInWith(
        ({ hasGroupOverage }) => {
          overages.push(hasGroupOverage);
          return undefined;
        },
        withClaims(ada, claims),
      );

      const { user } = await completing;

      expect(overages).toEqual([true]);
      expect(user.groups).toEqual([]);
    },
  );

  it("refuses the user with the app's message, and starts no session", async () => {
    const { test, completing } = signInWith(async () => ({
      refuse: "Your department has no licence.",
    }));

    const refused = await completing.catch((error: unknown) => error);

    expect(refused).toMatchObject({
      code: "sign_in_refused",
      message: "Your department has no licence.",
    });
    expect(test.events).toMatchObject([
      { type: "flow.initiated" },
      { type: "flow.failed", code: "sign_in_refused", userId: undefined },
    ]);
  });

  it("reports the ID of an existing user whom it refuses", async () => {
    const decisions = [undefined, { refuse: "No." }];
    const test = createTestAuth({ onSignIn: () => decisions.shift() });
    const { user } = await signIn(test, { person: ada });

    await signIn(test, { person: ada }).catch(() => undefined);

    expect(test.events.at(-1)).toMatchObject({
      type: "flow.failed",
      code: "sign_in_refused",
      userId: user.id,
    });
  });

  it.each(failingDecisions)(
    "[U9] stores no user when it %s, and the user is still new at the next sign-in",
    async (_, decide) => {
      const seen: boolean[] = [];
      const decisions = [decide, () => undefined];
      const test = createTestAuth({
        onSignIn: ({ isNewUser }) => {
          seen.push(isNewUser);
          return decisions.shift()?.();
        },
      });

      await expect(signIn(test, { person: ada })).rejects.toThrow();
      const stored = await findUser(test);
      const { isNewUser } = await signIn(test, { person: ada });

      expect(stored).toBeUndefined();
      expect(seen).toEqual([true, true]);
      expect(isNewUser).toBe(true);
    },
  );

  it("does not read the stored user if the app has no such hook", async () => {
    const stores = createMemoryStores();
    const asked: ObjectId[] = [];
    const test = createTestAuth({
      stores: {
        ...stores,
        userStore: {
          ...stores.userStore,
          findByObjectId: (tenantId, objectId) => {
            asked.push(objectId);
            return stores.userStore.findByObjectId(tenantId, objectId);
          },
        },
      },
    });

    await signIn(test, { person: ada });

    expect(asked).toEqual([]);
  });

  it("replaces roles and groups of the stored user", async () => {
    const { test, completing } = signInWith(
      () => ({ roles: ["Editor"] }),
      withClaims(ada, { groups: ["group-1"] }),
    );

    const { user, sessionToken } = await completing;

    expect(user).toMatchObject({ roles: ["Editor"], groups: ["group-1"] });
    await expect(test.auth.readSession(sessionToken)).resolves.toMatchObject({
      user: { roles: ["Editor"], groups: ["group-1"] },
    });
  });

  it("fails the sign-in with internal_error when it throws, with its message only in the cause", async () => {
    const { completing } = signInWith(() => {
      throw new Error("connection string of the licence database");
    });

    const failed = await completing.catch((error: unknown) => error);

    expect(failed).toMatchObject({
      code: "internal_error",
      cause: expect.any(Error),
    });
    expect(failed).not.toHaveProperty(
      "message",
      expect.stringContaining("licence"),
    );
  });

  it.each(failingDecisions)(
    "[U9] does not change the roles of the user's other sessions when it %s",
    async (_, decideAgain) => {
      const decisions = [() => ({ roles: ["Reader"] }), decideAgain];
      const test = createTestAuth({ onSignIn: () => decisions.shift()?.() });
      const present = await signIn(test, { person: ada });

      const refused = await signIn(test, { person: ada }).catch(
        (error: unknown) => error,
      );

      expect(refused).toBeInstanceOf(AuthError);
      await expect(
        test.auth.readSession(present.sessionToken),
      ).resolves.toMatchObject({ user: { roles: ["Reader"] } });
    },
  );

  it("keeps roles and groups of the ID token when it returns undefined", async () => {
    const { test, completing } = signInWith(() => undefined);

    const { sessionToken } = await completing;

    await expect(test.auth.readSession(sessionToken)).resolves.toMatchObject({
      user: { roles: ["Admin"] },
    });
  });

  it("does not change roles of a user who is disabled at the same time", async () => {
    const test = createTestAuth({
      onSignIn: async ({ existingUser }) => {
        if (existingUser === undefined) return undefined;
        const { id, tenantId } = existingUser;
        await test.stores.userStore.disable(id, tenantId, test.clock.now());
        return { roles: ["Owner"] };
      },
    });
    const { user } = await signIn(test, { person: ada });

    const again = signIn(test, { person: ada });

    await expect(again).rejects.toMatchObject({
      code: "user_disabled",
      userId: user.id,
    });
    await expect(findUser(test)).resolves.toMatchObject({ roles: ["Admin"] });
  });

  it("is not called for a disabled user", async () => {
    const asked: string[] = [];
    const test = createTestAuth({
      onSignIn: ({ profile }) => {
        asked.push(profile.name);
        return undefined;
      },
    });
    const { user } = await signIn(test, { person: ada });
    await disable(test, user);

    await expect(signIn(test, { person: ada })).rejects.toMatchObject(
      refusal("user_disabled"),
    );
    expect(asked).toEqual(["Ada Lovelace"]);
  });

  it("does not end the browser's current session when it refuses", async () => {
    const test = createTestAuth({
      onSignIn: ({ profile }) =>
        profile.name === "Ben Okafor" ? { refuse: "No." } : undefined,
    });
    const present = await signInBefore(test);

    const refused = await signIn(test, {
      person: ben,
      sessionCookie: present.sessionToken,
    }).catch((error: unknown) => error);

    expect(refused).toMatchObject(refusal("sign_in_refused"));
    await expect(
      test.auth.readSession(present.sessionToken),
    ).resolves.toBeDefined();
  });
});

describe("onSignedIn", () => {
  it("receives the stored user with the roles from onSignIn at every sign-in", async () => {
    const seen: CompletedSignIn[] = [];
    const test = createTestAuth({
      onSignIn: () => ({ roles: ["Reader"] }),
      onSignedIn: (signIn) => seen.push(signIn),
    });

    const first = await signIn(test, { person: ada });
    await signIn(test, { person: ada });

    expect(first.user.roles).toEqual(["Reader"]);
    expect(seen).toMatchObject([
      {
        user: { id: first.user.id, roles: ["Reader"] },
        isNewUser: true,
        hasGroupOverage: false,
      },
      { user: { id: first.user.id, roles: ["Reader"] }, isNewUser: false },
    ]);
    expect(seen[0]?.idTokenClaims.oid).toBe(ada.objectId);
  });

  it("runs after the user and the session are stored", async () => {
    const found: unknown[] = [];
    const test = createTestAuth({
      onSignedIn: async ({ user }) => {
        found.push(await findUser(test));
        found.push(
          ...(await test.stores.sessionStore.list(user.id, new Date(0), 10)),
        );
      },
    });

    const completed = await signIn(test, { person: ada });

    const { user, session } = await findStored(test, completed);
    expect(found).toEqual([user, session]);
  });

  it("does not run for a refused sign-in", async () => {
    let runs = 0;
    const test = createTestAuth({
      onSignIn: () => ({ refuse: "No." }),
      onSignedIn: () => {
        runs += 1;
      },
    });

    await signIn(test, { person: ada }).catch(() => undefined);

    expect(runs).toBe(0);
  });

  it("[U11] ends the new session and fails the sign-in with internal_error when it throws", async () => {
    const test = createTestAuth({
      onSignedIn: async () => {
        throw new Error("The member table is locked.");
      },
    });

    const failed = await signIn(test, { person: ada, scopes }).catch(
      (error: unknown) => error,
    );

    const user = await findUser(test);
    expect(user).toMatchObject({ objectId: ada.objectId });
    expect(failed).toMatchObject({
      code: "internal_error",
      message: "Something failed on our side.",
      userId: user?.id,
      returnUrl: "https://app.test/",
    });
    await expect(
      test.stores.sessionStore.endAllOfUser(user?.id ?? ("" as UserId)),
    ).resolves.toEqual([]);
    await expect(
      test.stores.tokenCacheStore.find(
        `${ada.objectId}.${ada.tenantId}` as PartitionKey,
        test.clock.now(),
      ),
    ).resolves.toBeUndefined();
  });

  it("runs again at the sign-in after it threw, when the user is no longer new", async () => {
    const seen: boolean[] = [];
    const test = createTestAuth({
      onSignedIn: ({ isNewUser }) => {
        seen.push(isNewUser);
        if (seen.length === 1) throw new Error("The member table is locked.");
      },
    });

    await signIn(test, { person: ada }).catch(() => undefined);
    const { isNewUser } = await signIn(test, { person: ada });

    expect(seen).toEqual([true, false]);
    expect(isNewUser).toBe(false);
  });

  it("reports the end of the browser's previous session when it throws", async () => {
    const outcomes = [() => undefined, fail];
    const test = createTestAuth({ onSignedIn: () => outcomes.shift()?.() });
    const old = await signIn(test, { person: ada });

    const failing = await signInAtProvider(test, {
      person: ben,
      sessionCookie: old.sessionToken,
    });
    await test.auth.completeFlow(failing).catch(() => undefined);

    expect(test.events.slice(-2)).toMatchObject([
      {
        type: "session.ended",
        sessionId: old.session.id,
        userId: old.user.id,
        reason: "replaced",
      },
      { type: "flow.failed", code: "internal_error" },
    ]);
    await expect(
      test.auth.readSession(old.sessionToken),
    ).resolves.toBeUndefined();
  });
});

function fail(): never {
  throw new Error("The member table is locked.");
}

describe("completeFlow: a store that fails", () => {
  it("accepts the same callback again if the flow could not be taken", async () => {
    const stores = createMemoryStores();
    let isDown = true;
    const test = createTestAuth({
      stores: {
        ...stores,
        flowStore: {
          ...stores.flowStore,
          take: (...flow) => (isDown ? down() : stores.flowStore.take(...flow)),
        },
      },
    });
    const callback = await signInAtProvider(test, { person: ada });

    const refused = await test.auth
      .completeFlow(callback)
      .catch((error: unknown) => error);
    isDown = false;
    const { user } = await test.auth.completeFlow(callback);

    expect(refused).toMatchObject({
      code: "store_unavailable",
      message: expect.not.stringContaining("Start again"),
      returnUrl: undefined,
    });
    expect(user.objectId).toBe(ada.objectId);
  });

  it("stores neither user nor session and consumes the flow if the sign-in cannot be admitted", async () => {
    const stores = createMemoryStores();
    const test = createTestAuth({
      stores: {
        ...stores,
        sessionStore: { ...stores.sessionStore, admit: down },
      },
    });
    const callback = await signInAtProvider(test, {
      person: ada,
      returnUrl: "/orders",
    });

    const refused = await test.auth
      .completeFlow(callback)
      .catch((error: unknown) => error);

    expect(refused).toMatchObject({
      code: "store_unavailable",
      message: expect.stringMatching(/Start again\.$/),
      cause: { code: "store_unavailable" },
      returnUrl: "https://app.test/orders",
      isFlowTaken: true,
    });
    await expect(findUser(test)).resolves.toBeUndefined();
    await expect(test.auth.completeFlow(callback)).rejects.toMatchObject(
      refusal("flow_not_found"),
    );
  });
});

async function down(): Promise<never> {
  throw new AuthError("store_unavailable", "The database does not answer.");
}

const parseFlowId = (parameters: CallbackParameters) =>
  parseCallback(parameters).named?.flowId;

describe("parseCallback", () => {
  it("returns the flow ID of a state, and none without a single state", () => {
    expect(parseFlowId({ state: "a" })).toHaveLength(22);
    expect(parseFlowId({})).toBeUndefined();
    expect(parseFlowId({ state: ["a", "b"] })).toBeUndefined();
  });
});
