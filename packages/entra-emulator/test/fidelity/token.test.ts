import {
  createPrivateKey,
  createPublicKey,
  createSign,
  generateKeyPairSync,
  randomUUID,
} from "node:crypto";
import { SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { createCertificate } from "../../src/keys/certificate.js";
import {
  answerOf,
  authorizeUrl,
  pick,
  postToken,
  redeem,
  signIn,
  textOf,
  type TokenAnswer,
} from "../support/relying-party.js";
import {
  apiApp,
  daemonApp,
  demoApp,
  NOW,
  oldApiApp,
  publicApp,
  spaApp,
  useEmulator,
} from "../support/test-emulator.js";

const emulator = useEmulator();
const SPA_ORIGIN = { origin: "http://localhost:3000" };

async function getCode(
  overrides: Readonly<Record<string, string | undefined>> = {},
  tenant = "common",
): Promise<string> {
  return (
    answerOf(await pick(emulator(), "ada@contoso.com", overrides, { tenant }))
      .code ?? ""
  );
}

function expectError(
  answer: TokenAnswer,
  status: number,
  error: string,
  code: number,
): void {
  expect(answer.body).toMatchObject({ error, error_codes: [code] });
  expect(answer.body.error_description).toMatch(new RegExp(`^AADSTS${code}: `));
  expect(answer.status).toBe(status);
}

describe("authorization codes", () => {
  it("24. work once, then fail with invalid_grant 54005, and with 70008 after ten minutes", async () => {
    const code = await getCode();
    const late = await getCode();

    expect((await redeem(emulator(), code)).status).toBe(200);
    expectError(await redeem(emulator(), code), 400, "invalid_grant", 54005);
    emulator().control.advanceClock(601);
    expectError(await redeem(emulator(), late), 400, "invalid_grant", 70008);
    emulator().control.advanceClock(-601);
  });

  it("25. are refused with a wrong verifier (501481) and on another tenant's path (700005)", async () => {
    const wrongVerifier = await redeem(emulator(), await getCode(), {
      code_verifier: "x".repeat(50),
    });
    const noVerifier = await redeem(emulator(), await getCode(), {
      code_verifier: undefined,
    });
    const otherTenant = await redeem(
      emulator(),
      await getCode(),
      {},
      { tenant: "organizations" },
    );

    expectError(wrongVerifier, 400, "invalid_grant", 501481);
    expectError(noVerifier, 400, "invalid_grant", 501481);
    expectError(otherTenant, 400, "invalid_grant", 700005);
  });

  it("26. are refused without the redirect URI of the authorization request", async () => {
    const other = await redeem(emulator(), await getCode(), {
      redirect_uri: "http://localhost:3001/auth/callback",
    });
    const missing = await redeem(emulator(), await getCode(), {
      redirect_uri: undefined,
    });

    expectError(other, 400, "invalid_request", 50011);
    expectError(missing, 400, "invalid_request", 50011);
  });
});

describe("client authentication", () => {
  it("27. fails for a web client with 401 invalid_client: 7000218 without credential, 7000215 with a wrong one", async () => {
    const none = await redeem(emulator(), await getCode(), {
      client_secret: undefined,
    });
    const wrong = await redeem(emulator(), await getCode(), {
      client_secret: "wrong",
    });

    expectError(none, 401, "invalid_client", 7000218);
    expectError(wrong, 401, "invalid_client", 7000215);
  });

  it("28. accepts Basic, body secret and signed assertion, and refuses a public client's secret with 700025", async () => {
    const basic = Buffer.from(
      `${demoApp.clientId}:${encodeURIComponent(demoApp.clientSecret)}`,
    ).toString("base64");
    const withBasic = await redeem(
      emulator(),
      await getCode(),
      { client_id: undefined, client_secret: undefined },
      { headers: { authorization: `Basic ${basic}` } },
    );
    const withSecret = await redeem(emulator(), await getCode());
    const withAssertion = await redeemWithAssertion("PS256");
    const withOldAssertion = await redeemWithAssertion("RS256");
    const publicCode = await getCode({
      client_id: publicApp.clientId,
      redirect_uri: "http://localhost/desktop",
    });
    const publicRequest = {
      client_id: publicApp.clientId,
      redirect_uri: "http://localhost/desktop",
    };
    const withPublicSecret = await redeem(
      emulator(),
      publicCode,
      publicRequest,
    );
    const withoutSecret = await redeem(emulator(), publicCode, {
      ...publicRequest,
      client_secret: undefined,
    });

    const statuses = [
      withBasic,
      withSecret,
      withAssertion,
      withOldAssertion,
      withoutSecret,
    ].map(({ status }) => status);
    expect(statuses).toEqual([200, 200, 200, 200, 200]);
    expectError(withPublicSecret, 401, "invalid_client", 700025);
  });

  it("refuses assertions of another key, for another audience, or outside their validity, and accepts federated ones", async () => {
    const { assert, register } = certificateClient();
    register();
    const other = certificateClient();

    const wrongKey = await redeemAssertion(await other.assert({}));
    const wrongAudience = await redeemAssertion(
      await assert({ aud: "https://login.example/token" }),
    );
    const expired = await redeemAssertion(
      await assert({ exp: NOW.getTime() / 1000 - 3600 }),
    );
    const federated = await redeemAssertion(
      await assert({
        iss: "https://ci.example",
        sub: "repo:org/repo",
        aud: "api://AzureADTokenExchange",
      }),
    );

    expectError(wrongKey, 401, "invalid_client", 700027);
    expectError(wrongAudience, 401, "invalid_client", 700023);
    expectError(expired, 401, "invalid_client", 700024);
    expect(federated.status).toBe(200);
  });

  it("refuses an expired secret with 7000222", async () => {
    const expired = { value: "old-secret", expiresAt: "2026-01-01T00:00:00Z" };
    emulator().updateApp(demoApp.clientId, { clientSecrets: [expired] });

    expectError(
      await redeem(emulator(), await getCode(), {
        client_secret: "old-secret",
      }),
      401,
      "invalid_client",
      7000222,
    );
  });

  it("29. fails with 9002326 for a web redirect URI with an Origin, and with 9002327 for an SPA's without", async () => {
    const web = await redeem(
      emulator(),
      await getCode(),
      {},
      { headers: SPA_ORIGIN },
    );
    const request = {
      client_id: spaApp.clientId,
      redirect_uri: "http://localhost/spa",
    };
    const spa = await redeem(emulator(), await getCode(request), {
      ...request,
      client_secret: undefined,
    });
    const noPkce = {
      ...request,
      code_challenge: undefined,
      code_challenge_method: undefined,
    };
    const spaWithoutPkce = await redeem(
      emulator(),
      await getCode(noPkce),
      { ...request, client_secret: undefined, code_verifier: undefined },
      { headers: SPA_ORIGIN },
    );

    expectError(web, 400, "invalid_request", 9002326);
    expectError(spa, 400, "invalid_request", 9002327);
    expectError(spaWithoutPkce, 400, "invalid_request", 9002325);
  });
});

describe("responses", () => {
  it("30. contain error_codes, timestamp, trace_id and correlation_id for an error; trace_id is x-ms-request-id", async () => {
    const correlationId = randomUUID();
    const answer = await redeem(
      emulator(),
      "bad",
      {},
      { headers: { "client-request-id": correlationId } },
    );

    expectError(answer, 400, "invalid_grant", 70000);
    expect(answer.body).toMatchObject({
      timestamp: "2026-05-04 10:00:00Z",
      correlation_id: correlationId,
    });
    expect(answer.body.trace_id).toBe(answer.headers.get("x-ms-request-id"));
    expect(answer.headers.get("cache-control")).toBe("no-store, no-cache");
    expect(answer.body.error_description).toContain(
      ` Trace ID: ${String(answer.body.trace_id)} Correlation ID: `,
    );
  });

  it("31. contain a refresh token only with offline_access and an ID token only with openid; scope never lists offline_access", async () => {
    const full = await signIn(emulator(), "ada@contoso.com");
    const noRefresh = await signIn(emulator(), "ada@contoso.com", {
      scope: "openid profile",
    });
    const noOpenId = await signIn(emulator(), "ada@contoso.com", {
      scope: "User.Read offline_access",
    });

    const names = [
      "token_type",
      "scope",
      "expires_in",
      "ext_expires_in",
      "access_token",
      "refresh_token",
      "id_token",
    ];
    expect(Object.keys(full.body)).toEqual(names);
    expect(noRefresh.body).not.toHaveProperty("refresh_token");
    expect(noOpenId.body).not.toHaveProperty("id_token");
    expect(noOpenId.body).toHaveProperty("refresh_token");
    for (const { body } of [full, noRefresh, noOpenId])
      expect(body.scope).not.toContain("offline_access");
    expect(full.body.scope).toBe(
      "email openid profile https://graph.microsoft.com/User.Read",
    );
  });

  it("contain client_info only if requested", async () => {
    const { body } = await signIn(
      emulator(),
      "grace@fabrikam.com",
      {},
      { tenant: "contoso.com", token: { client_info: "1" } },
    );

    const content = JSON.parse(
      Buffer.from(String(body.client_info), "base64url").toString(),
    );
    expect(content).toEqual({
      uid: "62ace000-0000-4000-8000-00000062ace1",
      utid: "fab21ca0-2222-4fab-8fab-fab21ca0fab0",
    });
  });

  it("contain neither scope nor refresh token for client credentials, which work on a tenant's path only", async () => {
    const request = {
      grant_type: "client_credentials",
      scope: "https://graph.microsoft.com/.default",
    };
    const tenant = await postToken(emulator(), request, {
      tenant: "contoso.com",
    });
    const common = await postToken(emulator(), request);

    expect(Object.keys(tenant.body)).toEqual([
      "token_type",
      "expires_in",
      "ext_expires_in",
      "access_token",
    ]);
    expectError(common, 400, "invalid_request", 9001023);
  });

  it.each([
    ["2.0", apiApp, apiApp.clientId, "azp", "Orders.Export"],
    ["1.0", oldApiApp, "api://old", "appid", "Old.Export"],
  ])(
    "name the application and its app roles in the API's version %s for client credentials",
    async (ver, api, aud, clientClaim, role) => {
      const request = {
        grant_type: "client_credentials",
        scope: `${api.api?.identifierUri}/.default`,
      };
      const daemon = {
        client_id: daemonApp.clientId,
        client_secret: daemonApp.clientSecret ?? "",
      };
      const tenant = { tenant: "contoso.com" };

      const given = await verify(
        await postToken(emulator(), { ...request, ...daemon }, tenant),
      );
      const other = await verify(await postToken(emulator(), request, tenant));

      expect(given).toMatchObject({
        ver,
        aud,
        roles: [role],
        [clientClaim]: daemonApp.clientId,
        oid: expect.stringMatching(
          /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
        ),
        sub: given["oid"],
      });
      expect(given["scp"]).toBeUndefined();
      expect(other["roles"]).toBeUndefined();
      expect(other["oid"]).not.toBe(given["oid"]);
    },
  );

  it("are 900561 for GET and unsupported_grant_type for unknown grant types", async () => {
    const get = await fetch(`${emulator().origin}/common/oauth2/v2.0/token`);
    const unknown = await postToken(emulator(), { grant_type: "password" });

    expect(await get.json()).toMatchObject({
      error: "invalid_request",
      error_codes: [900561],
    });
    expectError(unknown, 400, "unsupported_grant_type", 70003);
  });
});

describe("refresh tokens", () => {
  it("32. are replaced at every use, but the old one still works; an SPA's chain expires after 24 hours", async () => {
    const first = textOf(
      await signIn(emulator(), "ada@contoso.com"),
      "refresh_token",
    );
    const second = await refresh(first);
    const again = await refresh(first);
    expect(textOf(second, "refresh_token")).not.toBe(first);
    expect(again.status).toBe(200);

    const chain = await startSpaChain();
    emulator().control.advanceClock(23 * 3600);
    const renewed = await refreshSpa(chain);
    emulator().control.advanceClock(3600);
    const dead = await refreshSpa(textOf(renewed, "refresh_token"));
    emulator().control.advanceClock(-24 * 3600);
    expect(renewed.status).toBe(200);
    expectError(dead, 400, "invalid_grant", 700084);
  });

  it("33. work for another resource, but not for two resources in one request", async () => {
    const scope = "openid offline_access User.Read api://orders/Orders.Read";
    emulator().control.autoSignIn("ada@contoso.com");
    const { code } = answerOf(
      await fetchOnce(authorizeUrl(emulator(), { scope })),
    );
    const graph = await redeem(emulator(), code);
    const orders = await refresh(
      textOf(graph, "refresh_token"),
      "api://orders/Orders.Read",
    );
    const both = await redeem(emulator(), await getCode(), {
      scope: "User.Read api://orders/Orders.Read",
    });

    expect(graph.body.scope).toContain("https://graph.microsoft.com/User.Read");
    expect(orders.body.scope).toBe("api://orders/Orders.Read");
    expectError(both, 400, "invalid_scope", 700022);
  });

  it("are refused with 65001 and suberror consent_required for scopes without consent", async () => {
    const token = textOf(
      await signIn(emulator(), "ada@contoso.com"),
      "refresh_token",
    );
    const answer = await refresh(
      token,
      "https://graph.microsoft.com/Mail.Read",
    );

    expectError(answer, 400, "invalid_grant", 65001);
    expect(answer.body.suberror).toBe("consent_required");
  });

  it("are refused with AADSTS50173 after revocation, and expire after 90 days without use", async () => {
    const revoked = textOf(
      await signIn(emulator(), "ben@contoso.com"),
      "refresh_token",
    );
    const idle = textOf(
      await signIn(emulator(), "ada@contoso.com"),
      "refresh_token",
    );
    emulator().control.revokeRefreshTokens("ben@contoso.com");
    expectError(await refresh(revoked), 400, "invalid_grant", 50173);
    emulator().control.advanceClock(91 * 24 * 3600);
    const old = await refresh(idle);
    emulator().control.advanceClock(-91 * 24 * 3600);
    expectError(old, 400, "invalid_grant", 70008);
  });

  it("38. return an opaque Graph token; an API's token has its requestedAccessTokenVersion", async () => {
    const scope = `openid offline_access api://orders/Orders.Read api://old/Old.Read`;
    emulator().control.autoSignIn("ada@contoso.com");
    const { code } = answerOf(
      await fetchOnce(authorizeUrl(emulator(), { scope }, "contoso.com")),
    );
    const version2 = await redeem(
      emulator(),
      code,
      {},
      { tenant: "contoso.com" },
    );
    const version1 = await refresh(
      textOf(version2, "refresh_token"),
      "api://old/Old.Read",
    );
    const graph = await refresh(
      textOf(version2, "refresh_token"),
      "openid User.Read",
    );
    const personal = await signIn(emulator(), "pia@outlook.com");

    await expect(verify(version2)).resolves.toMatchObject({
      ver: "2.0",
      aud: apiApp.clientId,
      scp: "Orders.Read",
    });
    await expect(verify(version1)).resolves.toMatchObject({
      ver: "1.0",
      aud: oldApiApp.api?.identifierUri,
    });
    await expect(verify(graph)).rejects.toThrow(
      /signature verification failed/,
    );
    expect(textOf(personal, "access_token").split(".")).toHaveLength(1);
  });
});

async function verify(
  answer: TokenAnswer,
): Promise<Readonly<Record<string, unknown>>> {
  const { createRemoteJWKSet, jwtVerify } = await import("jose");
  const keys = createRemoteJWKSet(
    new URL(`${emulator().origin}/common/discovery/v2.0/keys`),
  );
  const { payload } = await jwtVerify(textOf(answer, "access_token"), keys, {
    currentDate: NOW,
  });
  return payload;
}

async function fetchOnce(url: string): ReturnType<typeof pick> {
  const { openBrowser } = await import("../support/browser.js");
  return openBrowser().get(url);
}

function refresh(token: string, scope?: string): Promise<TokenAnswer> {
  return postToken(emulator(), {
    grant_type: "refresh_token",
    refresh_token: token,
    scope,
  });
}

async function startSpaChain(): Promise<string> {
  const request = {
    client_id: spaApp.clientId,
    redirect_uri: "http://localhost/spa",
  };
  const sent = { ...request, client_secret: undefined };
  return textOf(
    await redeem(emulator(), await getCode(request), sent, {
      headers: SPA_ORIGIN,
    }),
    "refresh_token",
  );
}

function refreshSpa(token: string): Promise<TokenAnswer> {
  const fields = {
    client_id: spaApp.clientId,
    client_secret: undefined,
    grant_type: "refresh_token",
    refresh_token: token,
  };
  return postToken(emulator(), fields, { headers: SPA_ORIGIN });
}

interface CertificateClient {
  assert(
    claims: Readonly<Record<string, unknown>>,
    alg?: "PS256" | "RS256",
  ): Promise<string>;
  register(): void;
}

function certificateClient(): CertificateClient {
  const texts = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  // Imported, because in Node 20 the export of a key generated synchronously can deadlock.
  const privateKey = createPrivateKey(texts.privateKey);
  const publicKey = createPublicKey(texts.publicKey);
  const notAfter = new Date(NOW.getTime() + 86_400_000);
  const der = createCertificate({
    commonName: "client",
    privateKey,
    publicKey,
    notBefore: NOW,
    notAfter,
  });
  const pem = `-----BEGIN CERTIFICATE-----\n${der.toString("base64")}\n-----END CERTIFICATE-----\n`;
  const spki = publicKey.export({ type: "spki", format: "pem" }).toString();
  expect(createSign("sha256").update("x").sign(privateKey)).toHaveLength(256);
  return {
    register: () =>
      emulator().updateApp(demoApp.clientId, {
        certificates: [pem],
        federatedCredentials: [
          {
            issuer: "https://ci.example",
            subject: "repo:org/repo",
            publicKey: spki,
          },
        ],
      }),
    assert: (claims, alg = "PS256") => {
      const now = NOW.getTime() / 1000;
      const aud = `${emulator().origin}/common/oauth2/v2.0/token`;
      const standard = {
        aud,
        iss: demoApp.clientId,
        sub: demoApp.clientId,
        jti: randomUUID(),
        nbf: now,
        exp: now + 600,
      };
      return new SignJWT({ ...standard, ...claims })
        .setProtectedHeader({ alg, typ: "JWT" })
        .sign(privateKey);
    },
  };
}

async function redeemWithAssertion(
  alg: "PS256" | "RS256",
): Promise<TokenAnswer> {
  const client = certificateClient();
  client.register();
  return redeemAssertion(await client.assert({}, alg));
}

async function redeemAssertion(assertion: string): Promise<TokenAnswer> {
  return redeem(emulator(), await getCode(), {
    client_secret: undefined,
    client_assertion_type:
      "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: assertion,
  });
}
