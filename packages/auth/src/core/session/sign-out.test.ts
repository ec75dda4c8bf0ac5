import { decodeJwt } from "jose";
import { describe, expect, it } from "vitest";
import { createPartitionKey } from "../../testing/provider/fake-identity-client.js";
import { createProviderSessionId } from "../../testing/provider/fake-identity-provider.js";
import { signIn } from "../../testing/sign-in.js";
import { createTestAuth } from "../../testing/test-auth.js";
import type { TestAuth } from "../../testing/test-auth.js";
import { testPeople, testTenants } from "../../testing/provider/test-people.js";
import type { TestPerson } from "../../testing/provider/test-people.js";
import { AuthError } from "../error.js";

const { ada, ben } = testPeople;

function issuerOf(tenantId: string): string {
  return `https://login.test/${tenantId}/v2.0`;
}

function subjectOf({ objectId }: TestPerson): string {
  return `subject-of-${objectId}`;
}

/** Creates a logout token for Ada's session at the identity provider, with these claims changed. */
function createLogoutToken(
  { identityClient }: TestAuth,
  claims: Readonly<Record<string, unknown>>,
): Promise<string> {
  return identityClient.identityProvider.createLogoutToken({
    tenantId: testTenants.contoso,
    providerSessionId: createProviderSessionId(ada),
    change: { claims },
  });
}

describe("endSession", () => {
  it("[S12] ends the session immediately: its cookie is no longer accepted", async () => {
    const test = createTestAuth();
    const { sessionToken } = await signIn(test, { person: ada });

    await test.auth.endSession(sessionToken);

    await expect(test.auth.readSession(sessionToken)).resolves.toBeUndefined();
  });

  it("returns the URL that signs the browser out at the identity provider (rp-init-logout)", async () => {
    const test = createTestAuth();
    const { sessionToken } = await signIn(test, { person: ada });

    const url = new URL(await test.auth.endSession(sessionToken));

    expect(`${url.origin}${url.pathname}`).toBe(
      "https://login.test/organizations/oauth2/v2.0/logout",
    );
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: test.identityClient.clientId,
      post_logout_redirect_uri: "https://app.test/",
      logout_hint: `login-hint-of-${ada.objectId}`,
    });
  });

  it("[O6] sends the user's ID token to the identity provider if the option requires it (id_token_hint)", async () => {
    const test = createTestAuth({ signOut: { sendsIdTokenHint: true } });
    const { sessionToken } = await signIn(test, { person: ada });

    const url = new URL(await test.auth.endSession(sessionToken));

    const claims = decodeJwt(url.searchParams.get("id_token_hint") ?? "");
    expect(claims["oid"]).toBe(ada.objectId);
    await expect(test.auth.readSession(sessionToken)).resolves.toBeUndefined();
  });

  it("signs out without that hint if the tokens have expired", async () => {
    const test = createTestAuth({ signOut: { sendsIdTokenHint: true } });
    const { sessionToken } = await signIn(test, { person: ada });
    test.clock.advance(86_401);

    const url = new URL(await test.auth.endSession(sessionToken));

    expect(url.searchParams.has("id_token_hint")).toBe(false);
    expect(url.searchParams.has("logout_hint")).toBe(true);
  });

  it.each<"endSession" | "endAllSessions">(["endSession", "endAllSessions"])(
    "ends the session first, and omits the hint if the ID token cannot be read: %s",
    async (method) => {
      const test = createTestAuth({ signOut: { sendsIdTokenHint: true } });
      const signedIn = await signIn(test, { person: ada });
      const { sessionToken } = signedIn;
      let wasEnded = false;
      const { readIdToken } = test.identityClient;
      Object.assign(test.identityClient, {
        readIdToken: async (request: Parameters<typeof readIdToken>[0]) => {
          wasEnded = (await test.auth.readSession(sessionToken)) === undefined;
          await readIdToken(request);
          throw new AuthError("identity_provider_unavailable", "It is down.");
        },
      });

      const url = new URL(
        await (method === "endSession"
          ? test.auth.endSession(sessionToken)
          : test.auth.endAllSessions(signedIn)),
      );

      expect(wasEnded).toBe(true);
      expect(url.searchParams.has("id_token_hint")).toBe(false);
      expect(url.searchParams.has("logout_hint")).toBe(true);
      await expect(
        test.auth.readSession(sessionToken),
      ).resolves.toBeUndefined();
    },
  );

  it.each<"endSession" | "endAllSessions">(["endSession", "endAllSessions"])(
    "ends the session and omits the hint if the tokens cannot be read from the store: %s",
    async (method) => {
      const test = createTestAuth({ signOut: { sendsIdTokenHint: true } });
      const signedIn = await signIn(test, { person: ada });
      const { sessionToken } = signedIn;
      Object.assign(test.stores.tokenCacheStore, {
        find: async () => {
          throw new AuthError("store_unavailable", "The database is away.");
        },
      });

      const url = new URL(
        await (method === "endSession"
          ? test.auth.endSession(sessionToken)
          : test.auth.endAllSessions(signedIn)),
      );

      expect(url.searchParams.has("id_token_hint")).toBe(false);
      await expect(
        test.auth.readSession(sessionToken),
      ).resolves.toBeUndefined();
    },
  );

  it("sends the hint also when the user signs out everywhere", async () => {
    const test = createTestAuth({ signOut: { sendsIdTokenHint: true } });
    const signedIn = await signIn(test, { person: ada });

    const url = new URL(await test.auth.endAllSessions(signedIn));

    const claims = decodeJwt(url.searchParams.get("id_token_hint") ?? "");
    expect(claims["oid"]).toBe(ada.objectId);
  });

  it("does not read tokens for a session without tokens", async () => {
    const { stores } = createTestAuth();
    const { tokenCacheStore, sessionStore } = stores;
    const asked: unknown[] = [];
    const find: typeof tokenCacheStore.find = async (partitionKey, now) => {
      asked.push(partitionKey);
      return tokenCacheStore.find(partitionKey, now);
    };
    const admit: typeof sessionStore.admit = (admission) =>
      sessionStore.admit({
        ...admission,
        session: { ...admission.session, partitionKey: undefined },
      });
    const test = createTestAuth({
      stores: {
        ...stores,
        sessionStore: { ...sessionStore, admit },
        tokenCacheStore: { ...tokenCacheStore, find },
      },
      signOut: { sendsIdTokenHint: true },
    });
    const { sessionToken } = await signIn(test, { person: ada });
    asked.length = 0;

    const url = new URL(await test.auth.endSession(sessionToken));

    expect(asked).toEqual([]);
    expect(url.searchParams.has("id_token_hint")).toBe(false);
  });

  it("omits the logout hint if the identity provider sent none", async () => {
    const test = createTestAuth();
    const { sessionToken } = await signIn(test, {
      person: { ...ada, claims: { login_hint: undefined } },
    });

    const url = new URL(await test.auth.endSession(sessionToken));

    expect(url.searchParams.has("logout_hint")).toBe(false);
  });

  it("[O6] sends no ID token through the browser by default", async () => {
    const test = createTestAuth();
    const { sessionToken } = await signIn(test, { person: ada });

    const url = await test.auth.endSession(sessionToken);

    expect(url).not.toMatch(/id_token|eyJ/);
  });

  it.each([undefined, "", "nonsense", `${"a".repeat(22)}.${"b".repeat(43)}`])(
    "returns the start page for the cookie %j, which belongs to no session",
    async (cookie) => {
      await expect(createTestAuth().auth.endSession(cookie)).resolves.toBe(
        "https://app.test/",
      );
    },
  );

  it("does not end a session for a cookie with its ID and a wrong secret", async () => {
    const test = createTestAuth();
    const { session, sessionToken } = await signIn(test, { person: ada });

    const url = await test.auth.endSession(`${session.id}.${"x".repeat(43)}`);

    expect(url).toBe("https://app.test/");
    await expect(test.auth.readSession(sessionToken)).resolves.toBeDefined();
  });

  it("ends the session while the identity provider is unavailable", async () => {
    const test = createTestAuth();
    const { sessionToken } = await signIn(test, { person: ada });
    const later = createTestAuth({ stores: test.stores });
    later.identityClient.identityProvider.answerWith("metadata", () =>
      Promise.reject(new TypeError("fetch failed")),
    );

    const url = await later.auth.endSession(sessionToken);

    expect(url).toBe("https://app.test/");
    await expect(test.auth.readSession(sessionToken)).resolves.toBeUndefined();
  });

  it("ends the session while the identity provider has no such tenant", async () => {
    const test = createTestAuth();
    const { sessionToken } = await signIn(test, { person: ada });
    const later = createTestAuth({ stores: test.stores });
    later.identityClient.identityProvider.answerWith("metadata", () =>
      Response.json({ error: "invalid_tenant" }, { status: 400 }),
    );

    const url = await later.auth.endSession(sessionToken);

    expect(url).toBe("https://app.test/");
    await expect(test.auth.readSession(sessionToken)).resolves.toBeUndefined();
  });

  it("returns the start page if the identity provider has no end session endpoint", async () => {
    const test = createTestAuth();
    test.identityClient.identityProvider.changeMetadata({
      end_session_endpoint: undefined,
    });
    const { sessionToken } = await signIn(test, { person: ada });

    await expect(test.auth.endSession(sessionToken)).resolves.toBe(
      "https://app.test/",
    );
  });

  it("keeps the query parameters of the endpoint", async () => {
    const test = createTestAuth();
    test.identityClient.identityProvider.changeMetadata({
      end_session_endpoint: "https://login.test/logout?p=policy",
    });
    const { sessionToken } = await signIn(test, { person: ada });

    const url = new URL(await test.auth.endSession(sessionToken));

    expect(url.searchParams.get("p")).toBe("policy");
  });

  it("deletes the tokens with the account's last session", async () => {
    const test = createTestAuth();
    const [one, two] = [
      await signIn(test, { person: ada, scopes: ["User.Read"] }),
      await signIn(test, { person: ada, scopes: ["User.Read"] }),
    ];
    const find = () =>
      test.stores.tokenCacheStore.find(
        createPartitionKey(ada),
        test.clock.now(),
      );

    await test.auth.endSession(one.sessionToken);
    const withOneLeft = await find();
    await test.auth.endSession(two.sessionToken);

    expect(withOneLeft).toBeDefined();
    await expect(find()).resolves.toBeUndefined();
  });

  it("does not report the end of a session that another request has just ended", async () => {
    const { stores } = createTestAuth();
    const { sessionStore } = stores;
    const test = createTestAuth({
      stores: {
        ...stores,
        sessionStore: {
          ...sessionStore,
          end: async (id) => {
            await sessionStore.end(id);
            return sessionStore.end(id);
          },
        },
      },
    });
    const { sessionToken } = await signIn(test, { person: ada });

    await test.auth.endSession(sessionToken);

    expect(test.events.map(({ type }) => type)).not.toContain("session.ended");
    await expect(test.auth.readSession(sessionToken)).resolves.toBeUndefined();
  });

  it("reports the end of a session once", async () => {
    const test = createTestAuth();
    const { sessionToken, session, user } = await signIn(test, { person: ada });

    await test.auth.endSession(sessionToken);
    await test.auth.endSession(sessionToken);

    expect(test.events.filter(({ type }) => type === "session.ended")).toEqual([
      {
        type: "session.ended",
        sessionId: session.id,
        userId: user.id,
        reason: "signed_out",
      },
    ]);
  });
});

describe("endProviderSession", () => {
  it("ends every session of the provider's session and no other (frontchannel)", async () => {
    const test = createTestAuth();
    const [one, two, other] = [
      await signIn(test, { person: ada }),
      await signIn(test, { person: ada }),
      await signIn(test, { person: ben }),
    ];

    await test.auth.endProviderSession(createProviderSessionId(ada));

    const present = await Promise.all(
      [one, two, other].map(({ sessionToken }) =>
        test.auth.readSession(sessionToken),
      ),
    );
    expect(present.map((signedIn) => signedIn?.user.name)).toEqual([
      undefined,
      undefined,
      "Ben Okafor",
    ]);
  });

  it("reports each session that ended, and returns whether there was any", async () => {
    const test = createTestAuth();
    const { session, user } = await signIn(test, { person: ada });

    const hasEnded = [
      await test.auth.endProviderSession(createProviderSessionId(ada)),
      await test.auth.endProviderSession(createProviderSessionId(ada)),
    ];

    expect(hasEnded).toEqual([true, false]);
    expect(test.events.filter(({ type }) => type === "session.ended")).toEqual([
      {
        type: "session.ended",
        sessionId: session.id,
        userId: user.id,
        reason: "provider_signed_out",
      },
    ]);
  });

  it("ends no session without a provider session ID", async () => {
    const test = createTestAuth();
    const { sessionToken } = await signIn(test, {
      person: { ...ada, claims: { sid: undefined } },
    });

    for (const sid of ["", "undefined", "null"])
      await test.auth.endProviderSession(sid);

    await expect(test.auth.readSession(sessionToken)).resolves.toBeDefined();
  });
});

describe("endProviderSession: issuer", () => {
  it("ends only sessions of the issuer's organisation if an issuer is given", async () => {
    const test = createTestAuth();
    const { sessionToken } = await signIn(test, { person: ada });
    const end = (tenantId: string) =>
      test.auth.endProviderSession(
        createProviderSessionId(ada),
        `https://login.test/${tenantId}/v2.0`,
      );

    await end(testTenants.fabrikam);
    const afterAnother = await test.auth.readSession(sessionToken);
    await end(testTenants.contoso);

    expect(afterAnother).toBeDefined();
    await expect(test.auth.readSession(sessionToken)).resolves.toBeUndefined();
  });

  it("throws invalid_request for another issuer than the identity provider's", async () => {
    const test = createTestAuth();
    const { sessionToken } = await signIn(test, { person: ada });

    const refused = test.auth.endProviderSession(
      createProviderSessionId(ada),
      `https://evil.test/${testTenants.contoso}/v2.0`,
    );

    await expect(refused).rejects.toMatchObject({ code: "invalid_request" });
    await expect(test.auth.readSession(sessionToken)).resolves.toBeDefined();
  });
});

describe("endProviderSession: tokens", () => {
  it("deletes the tokens of each account whose last session it ends", async () => {
    const test = createTestAuth();
    await signIn(test, {
      person: ada,
      scopes: ["User.Read"],
    });

    await test.auth.endProviderSession(createProviderSessionId(ada));

    await expect(
      test.stores.tokenCacheStore.find(
        createPartitionKey(ada),
        test.clock.now(),
      ),
    ).resolves.toBeUndefined();
  });
});

describe("endByLogoutToken", () => {
  it("ends the sessions that a validated logout token names (backchannel)", async () => {
    const test = createTestAuth();
    const { sessionToken } = await signIn(test, { person: ada });
    const logoutToken =
      await test.identityClient.identityProvider.createLogoutToken({
        tenantId: testTenants.contoso,
        providerSessionId: createProviderSessionId(ada),
      });

    await test.auth.endByLogoutToken(logoutToken);

    await expect(test.auth.readSession(sessionToken)).resolves.toBeUndefined();
  });

  it("reports the session that ended, and does not end other sessions of the organisation", async () => {
    const test = createTestAuth();
    const adas = await signIn(test, { person: ada });
    const elsewhere = await signIn(test, {
      person: { ...ada, claims: { sid: "another" } },
    });
    const bens = await signIn(test, { person: ben });

    await test.auth.endByLogoutToken(await createLogoutToken(test, {}));

    for (const { sessionToken } of [elsewhere, bens])
      await expect(test.auth.readSession(sessionToken)).resolves.toBeDefined();
    expect(test.events.filter(({ type }) => type === "session.ended")).toEqual([
      {
        type: "session.ended",
        sessionId: adas.session.id,
        userId: adas.user.id,
        reason: "provider_signed_out",
      },
    ]);
  });

  it("ends every session of the user that a token without sid names", async () => {
    const test = createTestAuth();
    const [one, two, other] = [
      await signIn(test, { person: ada }),
      await signIn(test, { person: { ...ada, claims: { sid: "another" } } }),
      await signIn(test, { person: ben }),
    ];

    await test.auth.endByLogoutToken(
      await createLogoutToken(test, { sid: undefined, sub: subjectOf(ada) }),
    );

    const present = await Promise.all(
      [one, two, other].map(({ sessionToken }) =>
        test.auth.readSession(sessionToken),
      ),
    );
    expect(present.map((signedIn) => signedIn?.user.name)).toEqual([
      undefined,
      undefined,
      "Ben Okafor",
    ]);
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ["another organisation", { iss: issuerOf(testTenants.fabrikam) }],
    ["another user", { sub: "subject-of-another-user" }],
    [
      "the user in another organisation",
      {
        iss: issuerOf(testTenants.fabrikam),
        sid: undefined,
        sub: subjectOf(ada),
      },
    ],
  ])("ends nothing for a token that names %s", async (_, claims) => {
    const test = createTestAuth();
    const { sessionToken } = await signIn(test, { person: ada });

    await test.auth.endByLogoutToken(await createLogoutToken(test, claims));

    await expect(test.auth.readSession(sessionToken)).resolves.toBeDefined();
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ["session", {}],
    ["user", { sid: undefined, sub: subjectOf(ada) }],
  ])(
    "[O13] ends no session started after a logout token for the %s was issued, if the token is sent again",
    async (_, claims) => {
      const test = createTestAuth();
      const old = await signIn(test, { person: ada });
      const iat = test.clock.now().getTime() / 1000;
      const logoutToken = await createLogoutToken(test, {
        ...claims,
        exp: iat + 3600,
      });
      await test.auth.endByLogoutToken(logoutToken);
      test.clock.advance(301);
      const { sessionToken } = await signIn(test, { person: ada });

      await test.auth.endByLogoutToken(logoutToken);

      await expect(
        test.auth.readSession(old.sessionToken),
      ).resolves.toBeUndefined();
      await expect(test.auth.readSession(sessionToken)).resolves.toBeDefined();
    },
  );

  it("ends no session for an invalid token", async () => {
    const test = createTestAuth();
    const { sessionToken } = await signIn(test, { person: ada });
    const logoutToken =
      await test.identityClient.identityProvider.createLogoutToken({
        tenantId: testTenants.contoso,
        providerSessionId: createProviderSessionId(ada),
        change: { signature: "unpublished_key" },
      });

    const refused = await test.auth
      .endByLogoutToken(logoutToken)
      .catch((error: unknown) => error);

    expect(refused).toBeInstanceOf(AuthError);
    await expect(test.auth.readSession(sessionToken)).resolves.toBeDefined();
  });
});
