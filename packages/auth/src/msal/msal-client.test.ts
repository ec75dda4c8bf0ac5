import { parseCallback } from "../core/sign-in/callback.js";
import { createHash } from "node:crypto";
import {
  builtInPeople,
  builtInTenants,
  demoApp,
  startEntraEmulator,
} from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { ConfidentialClientApplication, TokenCache } from "@azure/msal-node";
import { decodeJwt } from "jose";
import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  it,
  vi,
} from "vitest";
import { createSelfSignedCertificate } from "../../test/support/self-signed-certificate.js";
import type { CallbackParameters } from "../core/sign-in/callback.js";
import { createAuth } from "../core/create-auth.js";
import type { Auth } from "../core/auth.js";
import type { FlowRequest } from "../core/sign-in/flow.js";
import type {
  CodeVerifier,
  Nonce,
  PartitionKey,
  State,
} from "../core/identifiers.js";
import type {
  AuthorizationRequest,
  CodeExchange,
  IdentityClient,
} from "../core/provider/identity-client.js";
import type { CompletedFlow } from "../core/sign-in/complete-flow.js";
import type { Stores } from "../core/stores/stores.js";
import { isFields } from "../core/fields.js";
import { createTestClock } from "../testing/test-clock.js";
import { createMemoryStores } from "../testing/memory/stores.js";
import { findStored } from "../testing/test-auth.js";
import { createMsalClient } from "./msal-client.js";
import type { MsalClientOptions } from "./msal-client.js";

const appUrl = "http://localhost:3000";
const redirectUri = `${appUrl}/auth/callback`;
// The full scope, as in Entra's response: MSAL finds a cached token by the scope of the response.
const graphScopes = ["https://graph.microsoft.com/User.Read"];
const challenge = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';

let emulator: EntraEmulator;

beforeAll(async () => {
  emulator = await startEntraEmulator();
});

afterEach(() => {
  vi.restoreAllMocks();
  emulator.control.clearFaults();
  emulator.control.clearRequests();
  emulator.control.autoSignIn(undefined);
});

afterAll(async () => {
  await emulator.close();
});

/** Watches which applications of MSAL create authorization URLs and exchange codes. */
function watchApplications() {
  const { prototype } = ConfidentialClientApplication;
  const urls = vi.spyOn(prototype, "getAuthCodeUrl");
  const exchanges = vi.spyOn(prototype, "acquireTokenByCode");
  return {
    getAuthCodeUrl: () => urls.mock.contexts,
    acquireTokenByCode: () => exchanges.mock.contexts,
  };
}

function createClient(
  changes: Partial<MsalClientOptions> = {},
): IdentityClient {
  return createMsalClient({
    authority: emulator.origin,
    tenant: "common",
    clientId: demoApp.clientId,
    clientSecret: demoApp.clientSecret,
    redirectUri,
    ...changes,
  });
}

function createAuthWith(
  identityClient: IdentityClient,
  stores: Stores = createMemoryStores(),
): Auth {
  return createAuth({
    appUrl,
    identityClient,
    stores,
    secrets: [new Uint8Array(32).fill(1)],
  });
}

/** Signs a user in at the emulator without its page, and returns the callback parameters. */
async function authorize(
  authorizationUrl: string,
  upn: string,
): Promise<CallbackParameters> {
  emulator.control.autoSignIn(upn);
  const response = await fetch(authorizationUrl, { redirect: "manual" });
  const location = response.headers.get("location");
  if (location === null)
    throw new Error(
      `The emulator responded with ${response.status}: ${await response.text()}`,
    );
  return Object.fromEntries(new URL(location).searchParams);
}

async function signIn(
  auth: Auth,
  upn: string,
  request: FlowRequest = {},
): Promise<CompletedFlow> {
  const flow = await auth.initiateFlow(request);
  const parameters = await authorize(flow.authorizationUrl, upn);
  return auth.completeFlow({
    ...parseCallback(parameters),
    browserToken: flow.browserToken,
  });
}

function createRequest(
  changes: Partial<AuthorizationRequest> = {},
): AuthorizationRequest {
  return {
    state: "s".repeat(43) as State,
    nonce: "n".repeat(43) as Nonce,
    codeVerifier: "v".repeat(43) as CodeVerifier,
    scopes: [],
    ...changes,
  };
}

/** Obtains a code for Ada, and returns the request that redeems it. */
async function obtainCode(
  client: IdentityClient,
  scopes: readonly string[] = graphScopes,
): Promise<CodeExchange> {
  const request = createRequest({ scopes });
  const parameters = await authorize(
    await client.createAuthorizationUrl(request),
    "ada@contoso.com",
  );
  return {
    ...request,
    code: String(parameters["code"]),
    signal: AbortSignal.timeout(5000),
  };
}

describe("an External ID tenant on another loopback name", () => {
  it("signs its customer in", async () => {
    const client = createClient({ tenant: "woodgrove.onmicrosoft.com" });

    const { user } = await signIn(
      createAuthWith(client),
      "cleo@woodgrove.onmicrosoft.com",
    );

    expect(user.tenantId).toBe(builtInTenants.woodgrove.tenantId);
  });
});

describe("createAuthorizationUrl", () => {
  it("requests a code with PKCE S256, state and nonce, at the authorization endpoint of the metadata", async () => {
    const url = new URL(
      await createClient().createAuthorizationUrl(createRequest()),
    );

    const { state, nonce, codeVerifier } = createRequest();
    expect(`${url.origin}${url.pathname}`).toBe(
      `${emulator.origin}/common/oauth2/v2.0/authorize`,
    );
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      client_id: demoApp.clientId,
      response_type: "code",
      response_mode: "query",
      redirect_uri: redirectUri,
      scope: "openid profile",
      state,
      nonce,
      code_challenge: createHash("sha256")
        .update(codeVerifier)
        .digest("base64url"),
      code_challenge_method: "S256",
    });
    expect(url.href).not.toContain(codeVerifier);
  });

  it("passes every hint on, and adds none", async () => {
    const client = createClient();

    const hinted = new URL(
      await client.createAuthorizationUrl(
        createRequest({
          scopes: graphScopes,
          prompt: "login",
          loginHint: "ada@contoso.com",
          domainHint: "contoso.com",
        }),
      ),
    );
    const plain = new URL(
      await client.createAuthorizationUrl(
        createRequest({ prompt: undefined, loginHint: undefined }),
      ),
    );

    expect(Object.fromEntries(hinted.searchParams)).toMatchObject({
      scope: expect.stringContaining("User.Read"),
      prompt: "login",
      login_hint: "ada@contoso.com",
      domain_hint: "contoso.com",
    });
    expect([...plain.searchParams.keys()]).not.toContain("prompt");
    expect(plain.href).not.toContain("undefined");
  });

  it.each([
    "{}",
    '{"id_token":{}}',
    '{"id_token":{"login_hint":null}}',
    '{"access_token":{"nbf":{"essential":true,"value":"1"}}}',
    '{"__proto__":{"x":1}}',
    '{"userinfo":null}',
  ])("builds a URL with the claims request %s", async (claims) => {
    const url = await createClient().createAuthorizationUrl(
      createRequest({ claims }),
    );

    expect(new URL(url).searchParams.get("claims")).not.toBeNull();
  });

  it.each([
    "ada&prompt=none",
    "ada#x",
    "ada%26x",
    "\u0000",
    "🦊",
    "x".repeat(2048),
  ])(
    "[F23] encodes the hint %.20j, so that it injects no parameter",
    async (loginHint) => {
      const url = new URL(
        await createClient().createAuthorizationUrl(
          createRequest({ loginHint }),
        ),
      );

      expect(url.searchParams.get("login_hint")).toBe(loginHint);
      expect(url.searchParams.get("prompt")).toBeNull();
    },
  );
});

describe("exchangeCode", () => {
  it("signs a user in, from the authorization URL to the session", async () => {
    const { user, isNewUser } = await signIn(
      createAuthWith(createClient()),
      "ada@contoso.com",
      { returnUrl: "/orders" },
    );

    expect(isNewUser).toBe(true);
    expect(user).toMatchObject({
      tenantId: builtInTenants.contoso.tenantId,
      objectId: builtInPeople.ada.home.objectId,
      name: "Ada Lindqvist",
      email: "ada@contoso.com",
      roles: ["Admin"],
    });
  });

  it("returns the account's homeAccountId as the partition key", async () => {
    const client = createClient();
    const exchange = await obtainCode(client);

    const answer = await client.exchangeCode(exchange);

    expect(answer).toMatchObject({
      fromCache: false,
      partitionKey: `${builtInPeople.ada.home.objectId}.${builtInTenants.contoso.tenantId}`,
      idToken: expect.any(String),
    });
    expect(answer.tokenCache).toContain('"credential_type":"RefreshToken"');
  });

  it.each([
    ["pia@outlook.com", "consumers"],
    ["ben@contoso.com", builtInTenants.contoso.tenantId],
    ["ben@contoso.com", "contoso.com"],
    ["ben@contoso.com", "organizations"],
  ])("signs %s in at the authority of %s", async (upn, tenant) => {
    const { user } = await signIn(
      createAuthWith(createClient({ tenant })),
      upn,
    );

    expect(user.preferredUsername).toBe(upn);
  });

  it("signs a guest in as a member of the organisation they visit", async () => {
    const stores = createMemoryStores();
    const auth = createAuthWith(
      createClient({ tenant: builtInTenants.contoso.tenantId }),
      stores,
    );

    const completed = await signIn(auth, "grace@fabrikam.com");

    const { user, session } = await findStored({ stores }, completed);
    expect(user).toMatchObject({
      tenantId: builtInTenants.contoso.tenantId,
      objectId: builtInPeople.grace.guestIn?.[0]?.objectId,
    });
    expect(session.partitionKey).toBe(
      `${builtInPeople.grace.home.objectId}.${builtInTenants.fabrikam.tenantId}`,
    );
  });

  it("[T12] requests no refresh token if the app requested no scopes, and gets none", async () => {
    const client = createClient();

    const answer = await client.exchangeCode(await obtainCode(client, []));

    expect(answer.idToken).toEqual(expect.any(String));
    expect(answer.tokenCache).not.toContain('"credential_type":"RefreshToken"');
    const requests = [
      emulator.control.requests("authorize").at(-1)?.query,
      emulator.control.requests("token").at(-1)?.form,
    ];
    expect(requests.map((request) => request?.["scope"])).toEqual([
      "openid profile",
      "openid profile",
    ]);
  });

  it("requests a refresh token if the app requested scopes", async () => {
    const client = createClient();

    await client.exchangeCode(await obtainCode(client));

    for (const scope of [
      emulator.control.requests("authorize").at(-1)?.query["scope"],
      emulator.control.requests("token").at(-1)?.form["scope"],
    ])
      expect(scope?.split(" ")).toContain("offline_access");
  });

  it("[F1] throws client_rejected for a wrong secret", async () => {
    const exchange = await obtainCode(createClient());

    const exchanging = createClient({ clientSecret: "wrong" }).exchangeCode(
      exchange,
    );

    await expect(exchanging).rejects.toMatchObject({
      code: "client_rejected",
      provider: { error: "invalid_client", aadsts: "AADSTS7000215" },
    });
  });

  it("throws code_rejected for a code that was used before", async () => {
    const client = createClient();
    const exchange = await obtainCode(client);
    await client.exchangeCode(exchange);

    await expect(client.exchangeCode(exchange)).rejects.toMatchObject({
      code: "code_rejected",
    });
  });

  it("throws code_rejected for another flow's code verifier", async () => {
    const client = createClient();
    const exchange = await obtainCode(client);

    const exchanging = client.exchangeCode({
      ...exchange,
      codeVerifier: "w".repeat(43) as CodeVerifier,
    });

    await expect(exchanging).rejects.toMatchObject({ code: "code_rejected" });
  });

  it.each(["nonsense", "x".repeat(8192), "a b&c=d"])(
    "throws code_rejected for the code %.10j",
    async (code) => {
      const client = createClient();
      const exchange = { ...(await obtainCode(client)), code };

      await expect(client.exchangeCode(exchange)).rejects.toMatchObject({
        code: "code_rejected",
      });
    },
  );

  it("throws id_token_invalid for the nonce of another flow", async () => {
    const client = createClient();
    const exchange = {
      ...(await obtainCode(client)),
      nonce: "m".repeat(43) as Nonce,
    };

    await expect(client.exchangeCode(exchange)).rejects.toMatchObject({
      code: "id_token_invalid",
    });
  });

  it.each<[string, () => void]>([
    [
      "closes the connection",
      () =>
        emulator.control.setFault({
          type: "down",
          endpoint: "token",
          how: "destroy",
        }),
    ],
    [
      "responds with 503",
      () =>
        emulator.control.setFault({
          type: "down",
          endpoint: "token",
          how: "status",
        }),
    ],
    [
      "responds with 429",
      () =>
        emulator.control.setFault({
          type: "down",
          endpoint: "token",
          how: "status",
          status: 429,
        }),
    ],
    [
      "responds with HTML",
      () =>
        emulator.control.setFault({
          type: "token_response",
          body: "<html>captive portal</html>",
        }),
    ],
  ])(
    "throws identity_provider_unavailable if the token endpoint %s",
    async (_, setFault) => {
      const client = createClient();
      const exchange = await obtainCode(client);
      setFault();

      await expect(client.exchangeCode(exchange)).rejects.toMatchObject({
        code: "identity_provider_unavailable",
      });
    },
  );

  it("aborts with the signal", async () => {
    const client = createClient();
    const exchange = {
      ...(await obtainCode(client)),
      signal: AbortSignal.abort(),
    };

    await expect(client.exchangeCode(exchange)).rejects.toMatchObject({
      code: "identity_provider_unavailable",
    });
  });

  it("leaves it to the core to refuse a forged signature, which MSAL accepts", async () => {
    emulator.control.setFault({ type: "id_token_signature", variant: "none" });

    const completing = signIn(
      createAuthWith(createClient()),
      "ada@contoso.com",
    );

    await expect(completing).rejects.toMatchObject({
      code: "id_token_invalid",
    });
  });

  it("[E8] leaves it to the core to refuse client_info of another user, which MSAL accepts", async () => {
    const clientInfo = {
      uid: builtInPeople.ben.home.objectId,
      utid: builtInTenants.contoso.tenantId,
    };
    const encoded = Buffer.from(JSON.stringify(clientInfo)).toString(
      "base64url",
    );
    emulator.control.setFault({
      type: "token_response",
      set: { client_info: encoded },
    });

    const completing = signIn(
      createAuthWith(createClient()),
      "ada@contoso.com",
    );

    await expect(completing).rejects.toMatchObject({
      code: "id_token_invalid",
    });
  });

  it.each([
    ["no ID token", { remove: ["id_token"] }],
    ["an ID token that is no JWT", { set: { id_token: "nonsense" } }],
    ["no access token", { remove: ["access_token"] }],
  ])(
    "never throws internal_error for a token response with %s",
    async (_, patch) => {
      emulator.control.setFault({ type: "token_response", ...patch });

      const outcome = await signIn(
        createAuthWith(createClient()),
        "ada@contoso.com",
      ).then(
        () => "completed",
        (error: { readonly code?: unknown }) => error.code,
      );

      expect(outcome).not.toBe("internal_error");
    },
  );

  it("authenticates with a certificate, and signs once for two token requests", async () => {
    const clientCertificate = createSelfSignedCertificate();
    const clientId = "c0000000-0000-4000-8000-0000000000c1";
    emulator.addApp({
      clientId,
      redirectUris: [redirectUri],
      certificates: [clientCertificate.certificate],
    });
    const auth = createAuthWith(
      createClient({ clientId, clientSecret: undefined, clientCertificate }),
    );

    await signIn(auth, "ada@contoso.com");
    await signIn(auth, "ben@contoso.com");

    const assertions = emulator.control
      .requests("token")
      .map(({ form }) => form["client_assertion"]);
    expect(assertions).toHaveLength(2);
    expect(new Set(assertions).size).toBe(1);
    expect(decodeJwt(assertions[0] ?? "").sub).toBe(clientId);
  });

  it("throws client_rejected for a certificate that is not registered", async () => {
    const clientId = "c0000000-0000-4000-8000-0000000000c2";
    emulator.addApp({
      clientId,
      redirectUris: [redirectUri],
      certificates: [createSelfSignedCertificate().certificate],
    });
    const auth = createAuthWith(
      createClient({
        clientId,
        clientSecret: undefined,
        clientCertificate: createSelfSignedCertificate(),
      }),
    );

    await expect(signIn(auth, "ada@contoso.com")).rejects.toMatchObject({
      code: "client_rejected",
    });
  });
});

describe("acquireToken", () => {
  it("returns a fresh token from the cache without a request to the identity provider", async () => {
    const auth = createAuthWith(createClient());
    const signedIn = await signIn(auth, "ada@contoso.com", {
      scopes: graphScopes,
    });
    emulator.control.clearRequests();

    const accessToken = await auth.acquireAccessToken(signedIn, {
      scopes: graphScopes,
    });

    expect(accessToken).not.toBe("");
    expect(emulator.control.requests("token")).toEqual([]);
  });

  it("refreshes, and validates the refreshed ID token (refresh-token)", async () => {
    const auth = createAuthWith(createClient());
    const signedIn = await signIn(auth, "ada@contoso.com", {
      scopes: graphScopes,
    });
    const first = await auth.acquireAccessToken(signedIn, {
      scopes: graphScopes,
    });

    const second = await auth.acquireAccessToken(signedIn, {
      scopes: graphScopes,
      forceRefresh: true,
    });

    expect(second).not.toBe(first);
    expect(emulator.control.requests("token").at(-1)?.form["grant_type"]).toBe(
      "refresh_token",
    );
  });

  it("throws consent_required for scopes without consent", async () => {
    const auth = createAuthWith(createClient());
    const signedIn = await signIn(auth, "ada@contoso.com", {
      scopes: graphScopes,
    });

    const acquiring = auth.acquireAccessToken(signedIn, {
      scopes: ["https://graph.microsoft.com/Mail.Read"],
    });

    await expect(acquiring).rejects.toMatchObject({
      code: "consent_required",
      provider: { suberror: "consent_required", aadsts: "AADSTS65001" },
    });
  });

  it.each([
    [
      "interaction_required with the claims challenge for another factor",
      { code: 50076, suberror: "basic_action", claims: challenge },
      { code: "interaction_required", claims: challenge },
    ],
    [
      "authorization_denied for a policy that blocks the account",
      { code: 53003, suberror: "message_only", claims: challenge },
      { code: "authorization_denied", claims: undefined },
    ],
    [
      "rate_limited, with a wait, for a loop",
      { code: 50196 },
      { code: "rate_limited", retryAfterSeconds: 300 },
    ],
  ])(
    "[T13] throws for a refused refresh, with Entra's error: %s",
    async (_, fault, failure) => {
      const auth = createAuthWith(createClient());
      const signedIn = await signIn(auth, "ada@contoso.com", {
        scopes: graphScopes,
      });
      emulator.control.setFault({
        type: "token_error",
        on: ["refresh_token"],
        ...fault,
      });

      const acquiring = auth.acquireAccessToken(signedIn, {
        scopes: graphScopes,
        forceRefresh: true,
      });

      await expect(acquiring).rejects.toMatchObject({
        ...failure,
        provider: {
          aadsts: `AADSTS${fault.code}`,
          traceId: expect.any(String),
          correlationId: expect.any(String),
        },
      });
    },
  );

  it("requests a new token with a claims challenge, even if the cache has a fresh token", async () => {
    const auth = createAuthWith(createClient());
    const signedIn = await signIn(auth, "ada@contoso.com", {
      scopes: graphScopes,
    });
    emulator.control.clearRequests();

    await auth.acquireAccessToken(signedIn, {
      scopes: graphScopes,
      claims: challenge,
    });

    const [request, ...others] = emulator.control.requests("token");
    expect(others).toEqual([]);
    expect(request?.form["grant_type"]).toBe("refresh_token");
    expect(JSON.parse(String(request?.form["claims"]))).toMatchObject(
      JSON.parse(challenge),
    );
  });

  it("refreshes for a guest in the organisation they visit", async () => {
    const auth = createAuthWith(
      createClient({ tenant: builtInTenants.contoso.tenantId }),
    );
    const signedIn = await signIn(auth, "grace@fabrikam.com", {
      scopes: graphScopes,
    });

    const accessToken = await auth.acquireAccessToken(signedIn, {
      scopes: graphScopes,
      forceRefresh: true,
    });

    expect(accessToken).not.toBe("");
  });

  it("[T7] returns each user the tokens of their own account in concurrent refreshes", async () => {
    const auth = createAuthWith(createClient());
    const upns = [
      "ada@contoso.com",
      "ben@contoso.com",
      "grace@fabrikam.com",
      "ada.double@fabrikam.com",
    ];
    const sessions: CompletedFlow[] = [];
    for (const upn of upns)
      sessions.push(await signIn(auth, upn, { scopes: graphScopes }));

    const tokens = await Promise.all(
      sessions.map((signedIn) =>
        auth.acquireAccessToken(signedIn, {
          scopes: graphScopes,
          forceRefresh: true,
        }),
      ),
    );

    expect(tokens.map((token) => decodeJwt(token)["oid"])).toEqual(
      sessions.map(({ user }) => user.objectId),
    );
  });

  it("[T10] throws interaction_required for a revoked refresh token after one request", async () => {
    const auth = createAuthWith(createClient());
    const signedIn = await signIn(auth, "ada@contoso.com", {
      scopes: graphScopes,
    });
    emulator.control.revokeRefreshTokens("ada@contoso.com");
    emulator.control.clearRequests();

    const acquiring = auth.acquireAccessToken(signedIn, {
      scopes: graphScopes,
      forceRefresh: true,
    });

    await expect(acquiring).rejects.toMatchObject({
      code: "interaction_required",
    });
    expect(emulator.control.requests("token")).toHaveLength(1);
  });

  it.each([
    ["another sub (refresh-token-invalid-sub)", { sub: "another-subject" }],
    ["another oid", { oid: builtInPeople.ben.home.objectId }],
    [
      "another iss (refresh-token-invalid-issuer)",
      { iss: "https://evil.test/v2.0" },
    ],
  ])("refuses a refreshed ID token with %s", async (_, set) => {
    const auth = createAuthWith(createClient());
    const signedIn = await signIn(auth, "ada@contoso.com", {
      scopes: graphScopes,
    });
    emulator.control.setFault({
      type: "id_token_claims",
      on: ["refresh_token"],
      set,
    });

    const acquiring = auth.acquireAccessToken(signedIn, {
      scopes: graphScopes,
      forceRefresh: true,
    });

    await expect(acquiring).rejects.toMatchObject({ code: "id_token_invalid" });
  });

  it("throws interaction_required if the cache has another account", async () => {
    const client = createClient();
    const { tokenCache } = await client.exchangeCode(await obtainCode(client));

    const acquiring = client.acquireToken({
      partitionKey: "somebody.else" as PartitionKey,
      tenantId: builtInTenants.contoso.tenantId,
      tokenCache,
      scopes: graphScopes,
      signal: AbortSignal.timeout(5000),
    });

    await expect(acquiring).rejects.toMatchObject({
      code: "interaction_required",
    });
  });

  it.each(["", "{}"])(
    "throws interaction_required for the cache %j",
    async (tokenCache) => {
      const acquiring = createClient().acquireToken({
        partitionKey: "somebody.else" as PartitionKey,
        tenantId: builtInTenants.contoso.tenantId,
        tokenCache,
        scopes: graphScopes,
        signal: AbortSignal.timeout(5000),
      });

      await expect(acquiring).rejects.toMatchObject({
        code: "interaction_required",
      });
    },
  );
});

describe("createMsalClient", () => {
  it("[F1] throws at start if there is not exactly one credential", () => {
    expect(() => createClient({ clientSecret: undefined })).toThrow(TypeError);
    expect(() =>
      createClient({ clientAssertion: async () => "assertion" }),
    ).toThrow(TypeError);
  });

  it("throws at start for an authority on plain http that is not loopback", () => {
    expect(() => createClient({ authority: "http://login.test" })).toThrow(
      TypeError,
    );
  });

  it("throws identity_provider_unavailable if the metadata cannot be read", async () => {
    emulator.control.setFault({
      type: "down",
      endpoint: "discovery",
      how: "destroy",
    });

    const building = createClient().createAuthorizationUrl(createRequest());

    await expect(building).rejects.toMatchObject({
      code: "identity_provider_unavailable",
    });
  });

  it("creates all authorization URLs with one application, and each exchange with another", async () => {
    const { getAuthCodeUrl, acquireTokenByCode } = watchApplications();
    const auth = createAuthWith(createClient());

    for (const upn of ["ada@contoso.com", "ben@contoso.com", "ada@contoso.com"])
      await signIn(auth, upn);

    expect(new Set(getAuthCodeUrl()).size).toBe(1);
    expect(new Set(acquireTokenByCode()).size).toBe(3);
    expect(new Set([...getAuthCodeUrl(), ...acquireTokenByCode()]).size).toBe(
      4,
    );
  });

  it("keeps nothing about users in the application for authorization URLs", async () => {
    const { getAuthCodeUrl } = watchApplications();
    const auth = createAuthWith(createClient());

    const signedIn = await signIn(auth, "ada@contoso.com", {
      scopes: graphScopes,
      loginHint: "ada@contoso.com",
    });

    const [application] = getAuthCodeUrl();
    if (!(application instanceof ConfidentialClientApplication))
      throw new TypeError("No application created a URL.");
    const cache = application.getTokenCache();
    expect(signedIn.user.preferredUsername).toBe("ada@contoso.com");
    await expect(cache.getAllAccounts()).resolves.toEqual([]);
    expect(cache.serialize()).not.toMatch(/ada@/i);
  });

  it("creates another application for authorization URLs after the metadata was read again", async () => {
    const { getAuthCodeUrl } = watchApplications();
    const clock = createTestClock();
    const client = createClient({ now: clock.now });

    const before = await client.createAuthorizationUrl(createRequest());
    clock.advance(86_400);
    const after = await client.createAuthorizationUrl(createRequest());

    expect(new URL(after).pathname).toBe(new URL(before).pathname);
    expect(new Set(getAuthCodeUrl()).size).toBe(2);
  });

  it("formats the metadata once, and no token cache for sign-ins without scopes", async () => {
    const auth = createAuthWith(createClient());
    await signIn(auth, "ada@contoso.com");
    const stringify = vi.spyOn(JSON, "stringify");
    const serialize = vi.spyOn(TokenCache.prototype, "serialize");

    await signIn(auth, "ben@contoso.com");
    const formatted = stringify.mock.calls.filter(
      ([value]) => isFields(value) && "token_endpoint" in value,
    );
    const withoutScopes = serialize.mock.calls.length;
    await signIn(auth, "ben@contoso.com", { scopes: graphScopes });

    // The emulator in this process serves the document only once.
    expect(formatted).toEqual([]);
    expect(withoutScopes).toBe(0);
    expect(serialize).toHaveBeenCalledTimes(1);
  });

  it("sends requests only to its own identity provider", async () => {
    const origins = new Set<string>();
    const send: typeof fetch = (input, init) => {
      origins.add(new URL(String(input)).origin);
      return fetch(input, init);
    };

    await signIn(
      createAuthWith(createClient({ fetch: send })),
      "ada@contoso.com",
    );

    expect([...origins]).toEqual([emulator.origin]);
  });
});
