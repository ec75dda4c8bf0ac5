import { createHash, X509Certificate } from "node:crypto";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import {
  answerOf,
  authorizeUrl,
  claimsOf,
  getJson,
  getKeys,
  headerOf,
  pick,
  redeem,
  signIn,
  textOf,
  VERIFIER,
} from "../support/relying-party.js";
import {
  builtInTenants,
  mappedApp,
  plainApp,
  useEmulator,
} from "../support/test-emulator.js";

const emulator = useEmulator();
const contoso = builtInTenants.contoso.tenantId;

function discover(tenant: string): ReturnType<typeof getJson> {
  return getJson(
    `${emulator().origin}/${tenant}/v2.0/.well-known/openid-configuration`,
  );
}

function keySet(tenant = "common"): ReturnType<typeof createRemoteJWKSet> {
  return createRemoteJWKSet(
    new URL(`${emulator().origin}/${tenant}/discovery/v2.0/keys`),
  );
}

describe("discovery", () => {
  it("1. contains the literal {tenantid} in the issuer of common, and the GUID in the issuer of a tenant, even if requested by domain", async () => {
    const common = await discover("common");
    const organizations = await discover("organizations");
    const byDomain = await discover("contoso.com");

    expect(common.body.issuer).toBe(`${emulator().origin}/{tenantid}/v2.0`);
    expect(organizations.body.issuer).toBe(
      `${emulator().origin}/{tenantid}/v2.0`,
    );
    expect(byDomain.body.issuer).toBe(`${emulator().origin}/${contoso}/v2.0`);
    expect(byDomain.body.token_endpoint).toBe(
      `${emulator().origin}/${contoso}/oauth2/v2.0/token`,
    );
    expect(byDomain.body).toEqual((await discover(contoso)).body);
  });

  it("2. serves consumers as the tenant 9188040d-6c67-4c5b-b112-36a304b66dad", async () => {
    const consumers = await discover("consumers");

    expect(consumers.body.issuer).toBe(
      `${emulator().origin}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0`,
    );
    expect(consumers.body).toEqual(
      (await discover("9188040d-6c67-4c5b-b112-36a304b66dad")).body,
    );
  });

  it("3. does not advertise PKCE methods, but S256 and plain are accepted", async () => {
    const { body } = await discover("common");
    const withS256 = await signIn(emulator(), "ada@contoso.com");
    const withPlain = await signIn(emulator(), "ada@contoso.com", {
      code_challenge: VERIFIER,
      code_challenge_method: "plain",
    });
    const withoutMethod = await signIn(emulator(), "ada@contoso.com", {
      code_challenge: VERIFIER,
      code_challenge_method: undefined,
    });

    expect(body).not.toHaveProperty("code_challenge_methods_supported");
    expect([withS256.status, withPlain.status, withoutMethod.status]).toEqual([
      200, 200, 200,
    ]);
  });

  it("4. is HTTP 400 invalid_tenant with AADSTS90002 for an unknown tenant", async () => {
    const { status, body } = await discover("nowhere.example");

    expect(status).toBe(400);
    expect(body).toMatchObject({
      error: "invalid_tenant",
      error_codes: [90002],
    });
    expect(body.error_description).toMatch(
      /^AADSTS90002: Tenant 'nowhere.example' not found\./,
    );
  });

  it("is HTTP 400 invalid_request with AADSTS900023 for a tenant name that is neither a GUID nor a domain", async () => {
    const { status, body } = await discover("undefined");

    expect(status).toBe(400);
    expect(body).toMatchObject({
      error: "invalid_request",
      error_codes: [900023],
    });
    expect(body.error_description).toMatch(
      /^AADSTS900023: Specified tenant identifier 'undefined' is neither a valid DNS name, nor a valid external domain\./,
    );
  });

  it("5. is sent with CORS * and max-age=86400, private", async () => {
    const { headers } = await discover("common");

    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("cache-control")).toBe("max-age=86400, private");
  });

  it("6. names UserInfo and Graph on another host than the issuer", async () => {
    const { body } = await discover("contoso.com");
    const userInfo = new URL(String(body.userinfo_endpoint));

    expect(userInfo.hostname).not.toBe(new URL(emulator().origin).hostname);
    expect(body.msgraph_host).toBe("graph.microsoft.com");
    expect((await fetch(userInfo)).status).toBe(401);
  });

  it("10. names an issuer on another host for an External ID tenant", async () => {
    const { woodgrove } = builtInTenants;
    const { body } = await discover(woodgrove.tenantId);
    const answer = await signIn(
      emulator(),
      "cleo@woodgrove.onmicrosoft.com",
      {},
      { tenant: woodgrove.tenantId },
    );

    expect(new URL(String(body.issuer)).hostname).not.toBe(
      new URL(emulator().origin).hostname,
    );
    expect(claimsOf(answer).iss).toBe(body.issuer);
  });
});

describe("keys", () => {
  it("7. publishes at least two keys whose kid and x5t are the SHA-1 of the certificate, with issuer and without alg", async () => {
    const keys = await getKeys(emulator());

    expect(keys.length).toBeGreaterThanOrEqual(2);
    for (const key of keys) {
      const [certificate] = Array.isArray(key.x5c) ? key.x5c : [];
      const der = Buffer.from(String(certificate), "base64");
      expect(key.kid).toBe(createHash("sha1").update(der).digest("base64url"));
      expect(key).toMatchObject({
        kty: "RSA",
        use: "sig",
        x5t: key.kid,
        issuer: expect.stringContaining("/v2.0"),
      });
      expect(key).not.toHaveProperty("alg");
      const parsed = new X509Certificate(der);
      expect(parsed.publicKey.export({ format: "jwk" }).n).toBe(key.n);
      expect(parsed.verify(parsed.publicKey)).toBe(true);
    }
  });

  it("8. names the consumer tenant as issuer of the personal accounts' key, which a fault can use for a tenant's token", async () => {
    const consumerIssuer = `${emulator().origin}/${builtInTenants.consumers.tenantId}/v2.0`;
    emulator().control.setFault({
      type: "id_token_signature",
      variant: "consumer_key",
    });

    const answer = await signIn(emulator(), "ada@contoso.com");

    const keys = await getKeys(emulator());
    const signer = keys.find((key) => key.kid === headerOf(answer).kid);
    expect(signer?.issuer).toBe(consumerIssuer);
    expect(claimsOf(answer).iss).not.toBe(consumerIssuer);
    expect(
      keys.filter(
        (key) => key.issuer === `${emulator().origin}/{tenantid}/v2.0`,
      ).length,
    ).toBeGreaterThanOrEqual(2);
    const personal = await signInPersonally();
    expect(claimsOf(personal).iss).toBe(consumerIssuer);
  });

  it("9. signs with a new key immediately after a rotation, and older keys still verify", async () => {
    const before = await signIn(emulator(), "ada@contoso.com");
    const kid = await emulator().control.rotateKeys();
    const after = await signIn(emulator(), "ada@contoso.com");

    expect(headerOf(before).kid).not.toBe(kid);
    expect(headerOf(after).kid).toBe(kid);
    const currentDate = new Date("2026-05-04T10:00:00Z");
    await expect(
      jwtVerify(textOf(before, "id_token"), keySet(), { currentDate }),
    ).resolves.toBeDefined();
    await expect(
      jwtVerify(textOf(after, "id_token"), keySet(), { currentDate }),
    ).resolves.toBeDefined();
  });
});

describe("keys of an app with a custom signing key", () => {
  const appId = `?appid=${mappedApp.clientId}`;
  const token = { client_secret: mappedApp.clientSecret };

  function signInToMapped(): ReturnType<typeof signIn> {
    const overrides = { client_id: mappedApp.clientId };
    return signIn(emulator(), "ada@contoso.com", overrides, { token });
  }

  it("are published at the jwks_uri of a discovery document that was requested with ?appid=", async () => {
    const { body } = await getJson(
      `${emulator().origin}/common/v2.0/.well-known/openid-configuration${appId}`,
    );
    const answer = await signInToMapped();
    const { body: published } = await getJson(String(body.jwks_uri));

    expect(body.jwks_uri).toBe(
      `${emulator().origin}/common/discovery/v2.0/keys${appId}`,
    );
    expect(published.keys).toEqual([
      expect.objectContaining({
        kid: headerOf(answer).kid,
        issuer: `${emulator().origin}/{tenantid}/v2.0`,
      }),
    ]);
  });

  it("are not published without ?appid= or for another app", async () => {
    const { kid } = headerOf(await signInToMapped());

    const published = await Promise.all(
      ["", `?appid=${plainApp.clientId}`].map((query) =>
        getKeys(emulator(), "common", query),
      ),
    );

    expect(published.flat().length).toBeGreaterThanOrEqual(2);
    expect(published.flat().map((key) => key.kid)).not.toContain(kid);
  });

  it("sign the app's tokens in every tenant, and not those of other apps", async () => {
    const [key] = await getKeys(emulator(), contoso, appId);
    const mapped = await signInToMapped();
    const other = await signIn(emulator(), "ada@contoso.com");

    expect(headerOf(mapped).kid).toBe(key?.kid);
    expect(headerOf(other).kid).not.toBe(key?.kid);
  });
});

async function signInPersonally(): ReturnType<typeof redeem> {
  emulator().control.clearFaults();
  const { code } = answerOf(await pick(emulator(), "pia@outlook.com"));
  expect(authorizeUrl(emulator())).toContain("/common/");
  return redeem(emulator(), code);
}
