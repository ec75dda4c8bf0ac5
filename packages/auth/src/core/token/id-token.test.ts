import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createFakeIdentityProvider } from "../../testing/provider/fake-identity-provider.js";
import type {
  FakeIdentityProvider,
  FakeIdentityProviderOptions,
} from "../../testing/provider/fake-identity-provider.js";
import { createFakeSigningKey } from "../../testing/provider/fake-signing-key.js";
import type {
  FakeSignature,
  TokenChange,
} from "../../testing/provider/fake-token.js";
import { createTestClock } from "../../testing/test-clock.js";
import { testPeople, testTenants } from "../../testing/provider/test-people.js";
import type { TestPerson } from "../../testing/provider/test-people.js";
import { AuthError } from "../error.js";
import { validateIdToken } from "./id-token.js";
import type { IdTokenClaims, IdTokenExpectation } from "./id-token.js";
import type { AccessToken, Nonce } from "../identifiers.js";

const nonce = "nonce-of-the-flow" as Nonce;
const accessToken = "access-token" as AccessToken;
const now = Date.parse("2026-03-01T09:00:00Z") / 1000;

function createProvider(
  options: FakeIdentityProviderOptions = {},
): FakeIdentityProvider {
  return createFakeIdentityProvider({ ...options, now: createTestClock().now });
}

interface Trial {
  readonly provider?: FakeIdentityProvider;
  readonly person?: TestPerson;
  readonly change?: TokenChange;
  readonly expectation?: Partial<IdTokenExpectation>;
}

/** Signs the token of the trial and validates it. */
async function validate(trial: Trial = {}): Promise<IdTokenClaims> {
  const {
    provider = createProvider(),
    person = testPeople.ada,
    change = {},
    expectation,
  } = trial;
  const idToken = await provider.createIdToken({ person, nonce, change });
  return validateToken(provider, idToken, expectation);
}

async function validateToken(
  provider: FakeIdentityProvider,
  idToken: string,
  expectation: Partial<IdTokenExpectation> = {},
): Promise<IdTokenClaims> {
  const { issuer } = await provider.readMetadata();
  return validateIdToken(
    {
      identityClient: {
        clientId: provider.clientId,
        identityProvider: provider,
      },
      now: () => new Date(now * 1000),
    },
    idToken,
    {
      tenantRule: { tenant: provider.tenant },
      nonce,
      accessToken,
      issuer,
      ...expectation,
    },
  );
}

/** Returns the finding, which the message ends with. */
async function refuse(trial: Trial): Promise<string> {
  const error: unknown = await validate(trial).catch(
    (reason: unknown) => reason,
  );
  if (error instanceof AuthError && error.code === "id_token_invalid") {
    return error.message.replace(
      /^The identity provider's ID token was refused: (.*)\.$/,
      "$1",
    );
  }
  return `not refused: ${String(error)}`;
}

const refuseClaims = (claims: Readonly<Record<string, unknown>>) =>
  refuse({ change: { claims } });

describe("validateIdToken", () => {
  it("returns the claims of a valid token", async () => {
    await expect(validate()).resolves.toMatchObject({
      iss: `https://login.test/${testTenants.contoso}/v2.0`,
      tid: testTenants.contoso,
      oid: testPeople.ada.objectId,
      nonce,
    });
  });
});

describe("validateIdToken: signature", () => {
  it("accepts RS256 by the published key (idtoken-sig-rs256)", async () => {
    await expect(
      validate({ change: { signature: "right" } }),
    ).resolves.toBeDefined();
  });

  it.each<[string, FakeSignature, string]>([
    [
      "alg none (idtoken-sig-none)",
      "none",
      "its signature algorithm is not RS256",
    ],
    [
      "HS256 with the client secret (invalid-sig-hs256)",
      "hs256_client_secret",
      "its signature algorithm is not RS256",
    ],
    [
      "ES256 by another key (invalid-sig-es256)",
      "es256",
      "its signature algorithm is not RS256",
    ],
    [
      "a key that is not published (invalid-sig-rs256)",
      "unpublished_key",
      "its signature is wrong",
    ],
    [
      "a payload altered after signing",
      "altered_payload",
      "its signature is wrong",
    ],
  ])("refuses %s", async (_, signature, finding) => {
    await expect(refuse({ change: { signature } })).resolves.toBe(finding);
  });

  it.each([
    "None",
    "NONE",
    "nOnE",
    "rs256",
    "RS384",
    "PS256",
    ["RS256"],
    null,
    undefined,
  ])(
    "refuses a token whose header names the algorithm %j and not RS256",
    async (alg) => {
      const provider = createProvider();
      const [, payload, signature] = (
        await provider.createIdToken({ person: testPeople.ada, nonce })
      ).split(".");
      const header = Buffer.from(
        JSON.stringify({ alg, kid: "key-1" }),
      ).toString("base64url");

      const result = validateToken(
        provider,
        `${header}.${payload}.${signature}`,
      );

      await expect(result).rejects.toMatchObject({ code: "id_token_invalid" });
    },
  );

  it("refuses a signature that was cut off", async () => {
    const provider = createProvider();
    const [header, payload] = (
      await provider.createIdToken({ person: testPeople.ada, nonce })
    ).split(".");

    const result = validateToken(provider, `${header}.${payload}.`);

    await expect(result).rejects.toMatchObject({ code: "id_token_invalid" });
  });

  it.each([
    "",
    ".",
    "..",
    "a.b.c",
    "a.b.c.d.e",
    "not a token",
    "eyJhbGciOiJSUzI1NiJ9..",
    "\ud800.\ud800.x",
    `${"x".repeat(100_000)}..`,
  ])("refuses %.40j, which is not a JWT", async (text) => {
    await expect(validateToken(createProvider(), text)).rejects.toMatchObject({
      code: "id_token_invalid",
    });
  });

  it.each(["at+jwt", "logout+jwt", "dpop+jwt", 1, ["JWT"]])(
    "refuses a token of the type %j",
    async (typ) => {
      await expect(
        refuse({ change: { header: { typ } } }),
      ).resolves.not.toMatch(/^not refused/);
    },
  );

  it("accepts a token without typ", async () => {
    await expect(
      validate({ change: { header: { typ: undefined } } }),
    ).resolves.toBeDefined();
  });

  it("refuses an unknown critical header", async () => {
    const provider = createProvider();
    const [, payload, signature] = (
      await provider.createIdToken({ person: testPeople.ada, nonce })
    ).split(".");
    const header = { alg: "RS256", kid: "key-1", crit: ["exp"], exp: 1 };

    const result = validateToken(
      provider,
      `${Buffer.from(JSON.stringify(header)).toString("base64url")}.${payload}.${signature}`,
    );

    await expect(result).rejects.toMatchObject({
      code: "id_token_invalid",
      message: expect.stringContaining("not a signed JWT of the expected form"),
    });
  });
});

describe("validateIdToken: signing key", () => {
  it("accepts a token without kid where one key is published (kid-absent-single-jwks)", async () => {
    await expect(
      validate({ change: { header: { kid: undefined } } }),
    ).resolves.toBeDefined();
  });

  it("refuses a token without kid where several keys are published (kid-absent-multiple-jwks)", async () => {
    const provider = createProvider();
    provider.changeKeys((keys) => [...keys, createFakeSigningKey(1).jwk]);

    const finding = await refuse({
      provider,
      change: { header: { kid: undefined } },
    });

    expect(finding).toBe("no published key signed it");
  });

  it("finds the key by its kid among several", async () => {
    const provider = createProvider();
    provider.changeKeys((keys) => [createFakeSigningKey(1).jwk, ...keys]);

    await expect(validate({ provider })).resolves.toBeDefined();
  });

  it("refuses a token whose kid names another published key", async () => {
    const provider = createProvider();
    provider.changeKeys((keys) => [createFakeSigningKey(1).jwk, ...keys]);

    await expect(
      refuse({ provider, change: { header: { kid: "key-2" } } }),
    ).resolves.toBe("its signature is wrong");
  });

  it.each(["jku", "x5u"])("ignores the URL in %s", async (name) => {
    const provider = createProvider();

    const finding = await refuse({
      provider,
      change: {
        signature: "unpublished_key",
        header: { [name]: "https://evil.test/keys" },
      },
    });

    expect(finding).toBe("its signature is wrong");
    expect(provider.countRequests("keys")).toBe(1);
  });

  it("ignores the key in jwk", async () => {
    const header = { jwk: createFakeSigningKey(9).jwk };

    await expect(
      refuse({ change: { signature: "unpublished_key", header } }),
    ).resolves.toBe("its signature is wrong");
  });

  it("ignores the certificate in x5c", async () => {
    const header = { x5c: ["MIIB"] };

    await expect(
      refuse({ change: { signature: "unpublished_key", header } }),
    ).resolves.toBe("its signature is wrong");
  });

  it("requests no keys for a token whose header is refused", async () => {
    const provider = createProvider();

    await refuse({ provider, change: { signature: "hs256_client_secret" } });

    expect(provider.countRequests("keys")).toBe(0);
  });

  it("requests the keys once for 1,000 tokens with a random kid each", async () => {
    const provider = createProvider();
    const tokens = await Promise.all(
      Array.from({ length: 1000 }, (_, index) =>
        provider.createIdToken({
          person: testPeople.ada,
          change: { header: { kid: `random-${index}` } },
        }),
      ),
    );

    const results = await Promise.allSettled(
      tokens.map((token) => validateToken(provider, token)),
    );

    expect(results.every(({ status }) => status === "rejected")).toBe(true);
    expect(provider.countRequests("keys")).toBeLessThanOrEqual(2);
  });

  it("refuses a key that is published for encryption", async () => {
    const provider = createProvider();
    provider.changeKeys((keys) => keys.map((key) => ({ ...key, use: "enc" })));

    await expect(refuse({ provider })).resolves.toBe(
      "no published key signed it",
    );
  });

  it("throws identity_provider_unavailable if the keys cannot be read", async () => {
    const provider = createProvider();
    provider.answerWith("keys", () => new Response("down", { status: 503 }));

    await expect(validate({ provider })).rejects.toMatchObject({
      code: "identity_provider_unavailable",
    });
  });

  it.each([
    ["that names no issuer", undefined, true],
    [
      "of the token's issuer",
      `https://login.test/${testTenants.contoso}/v2.0`,
      true,
    ],
    ["of every tenant's template", "https://login.test/{tenantid}/v2.0", true],
    [
      "of the consumers",
      `https://login.test/${testTenants.consumers}/v2.0`,
      false,
    ],
    ["of another cloud", "https://login.other.test/{tenantid}/v2.0", false],
  ])(
    "for a key %s with the issuer %s, acceptance is %s",
    async (_, issuer, isAccepted) => {
      const provider = createProvider();
      provider.changeKeys((keys) => keys.map((key) => ({ ...key, issuer })));

      const finding = await refuse({ provider });

      expect(finding).toBe(
        isAccepted
          ? "not refused: [object Object]"
          : "its key belongs to another issuer",
      );
    },
  );
});

describe("validateIdToken: iss", () => {
  const contoso = testTenants.contoso;

  it.each([
    ["missing", undefined],
    ["null", null],
    ["a list", [`https://login.test/${contoso}/v2.0`]],
    ["empty", ""],
    ["another provider's (invalid-iss)", `https://evil.test/${contoso}/v2.0`],
    ["another cloud's", `https://login.partner.test/${contoso}/v2.0`],
    ["the v1 issuer", `https://sts.windows.net/${contoso}/`],
    [
      "of another tenant than tid",
      `https://login.test/${testTenants.fabrikam}/v2.0`,
    ],
    ["followed by a slash", `https://login.test/${contoso}/v2.0/`],
    ["in capitals", `https://LOGIN.TEST/${contoso}/v2.0`],
    ["the template itself", "https://login.test/{tenantid}/v2.0"],
    ["of no tenant", "https://login.test/common/v2.0"],
  ])("refuses iss that is %s", async (_, iss) => {
    await expect(refuseClaims({ iss })).resolves.toMatch(/^iss /);
  });

  it.each([
    "contoso.test",
    "organizations",
    "{tenantid}",
    "..",
    "",
    contoso.toUpperCase(),
    `${contoso}/`,
  ])(
    "refuses tid %j, which is not a GUID, even if it fills the template",
    async (tid) => {
      await expect(
        refuseClaims({ tid, iss: `https://login.test/${tid}/v2.0` }),
      ).resolves.toBe("tid is missing or not a GUID");
    },
  );

  it("refuses a token of tenant B on a single-tenant app", async () => {
    const provider = createProvider({ tenant: contoso });

    const finding = await refuse({ provider, person: testPeople.graceAtHome });

    expect(finding).toBe("iss is not the identity provider's");
  });

  it("refuses a tid that is not the tenant of a fixed issuer", async () => {
    const provider = createProvider({ tenant: contoso });

    const finding = await refuse({
      provider,
      change: { claims: { tid: testTenants.fabrikam } },
    });

    expect(finding).toBe("tid is not the tenant of iss");
  });
});

describe("validateIdToken: aud and azp", () => {
  const provider = createProvider();
  const us = provider.clientId;

  it.each([
    ["missing (missing-aud)", undefined],
    ["another client's (invalid-aud)", "another-client"],
    ["empty", ""],
    ["an empty list", []],
    ["a list of us and another client", [us, "another-client"]],
    ["a list of another client", ["another-client"]],
    ["a list of us twice", [us, us]],
    ["a number", 5],
    ["an object", { [us]: true }],
    ["in capitals", us.toUpperCase()],
  ])("refuses aud that is %s", async (_, aud) => {
    await expect(refuseClaims({ aud })).resolves.toBe(
      "aud is not only this client",
    );
  });

  it("refuses a list with another client even if azp is us", async () => {
    await expect(
      refuseClaims({ aud: [us, "another-client"], azp: us }),
    ).resolves.toBe("aud is not only this client");
  });

  it("accepts a list of only us, and azp that is us", async () => {
    await expect(
      validate({ change: { claims: { aud: [us], azp: us } } }),
    ).resolves.toMatchObject({ aud: us });
  });

  it.each(["another-client", "", null, [us]])("refuses azp %j", async (azp) => {
    await expect(refuseClaims({ azp })).resolves.toBe("azp is not this client");
  });
});

describe("validateIdToken: times, with at most five minutes of clock skew", () => {
  it.each([
    [-299, true],
    [-300, false],
    [-301, false],
    [1, true],
  ])("exp %d seconds from now is accepted: %s", async (seconds, isAccepted) => {
    const finding = await refuseClaims({ exp: now + seconds });

    expect(finding).toBe(
      isAccepted ? "not refused: [object Object]" : "it has expired",
    );
  });

  it.each([
    [299, true],
    [300, true],
    [301, false],
  ])("nbf %d seconds from now is accepted: %s", async (seconds, isAccepted) => {
    const finding = await refuseClaims({ nbf: now + seconds });

    expect(finding).toBe(
      isAccepted ? "not refused: [object Object]" : "nbf is not acceptable",
    );
  });

  it.each([
    [299, true],
    [300, true],
    [301, false],
  ])("iat %d seconds from now is accepted: %s", async (seconds, isAccepted) => {
    const finding = await refuseClaims({ iat: now + seconds });

    expect(finding).toBe(
      isAccepted ? "not refused: [object Object]" : "iat lies in the future",
    );
  });

  it.each<[string, Readonly<Record<string, number | undefined>>, string]>([
    [
      "expired",
      { iat: now - 7500, nbf: now - 7500, exp: now - 3600 },
      "it has expired: the server's clock is ahead by about 7500 s",
    ],
    [
      "issued in the future",
      { iat: now + 900, nbf: now + 900, exp: now + 4500 },
      "nbf is not acceptable: the server's clock is behind by about 900 s",
    ],
    [
      "issued in the future, without nbf",
      { iat: now + 900, nbf: undefined, exp: now + 4500 },
      "iat lies in the future: the server's clock is behind by about 900 s",
    ],
  ])(
    "names the server's clock if a token that was just issued is %s",
    async (_, claims, finding) => {
      await expect(refuseClaims(claims)).resolves.toBe(finding);
    },
  );

  it.each<[string, Readonly<Record<string, number>>, string]>([
    ["expires before it is issued", { exp: now - 600 }, "it has expired"],
    [
      "is valid later than it is issued",
      { nbf: now + 600 },
      "nbf is not acceptable",
    ],
    [
      "is issued later than it is valid",
      { iat: now + 600 },
      "iat lies in the future",
    ],
  ])(
    "does not name the clock if the token contradicts itself: it %s",
    async (_, claims, finding) => {
      await expect(refuseClaims(claims)).resolves.toBe(finding);
    },
  );

  it.each(["exp", "iat"])(
    "refuses a token without %s (missing-iat)",
    async (name) => {
      await expect(refuseClaims({ [name]: undefined })).resolves.toBe(
        `${name} is missing`,
      );
    },
  );

  it.each([
    ["exp", "tomorrow"],
    ["exp", null],
    ["exp", [now + 60]],
    ["nbf", "yesterday"],
    ["iat", "now"],
  ])("refuses %s %j, which is not a number", async (name, value) => {
    await expect(refuseClaims({ [name]: value })).resolves.not.toMatch(
      /^not refused/,
    );
  });

  it("accepts a token without nbf", async () => {
    await expect(
      validate({ change: { claims: { nbf: undefined } } }),
    ).resolves.toBeDefined();
  });
});

describe("validateIdToken: sub, tid, oid", () => {
  it.each([
    ["sub", undefined, "sub is missing"],
    ["sub", "", "sub is missing"],
    ["sub", 5, "sub is missing"],
    ["sub", "x".repeat(256), "sub is missing"],
    ["tid", undefined, "tid is missing or not a GUID"],
    ["tid", null, "tid is missing or not a GUID"],
    ["tid", [testTenants.contoso], "tid is missing or not a GUID"],
    ["oid", undefined, "oid is missing or not a GUID"],
    ["oid", "", "oid is missing or not a GUID"],
    ["oid", "ada@contoso.test", "oid is missing or not a GUID"],
    ["oid", [testPeople.ada.objectId], "oid is missing or not a GUID"],
  ])("refuses %s %.20j (missing-sub)", async (name, value, finding) => {
    await expect(refuseClaims({ [name]: value })).resolves.toMatch(
      new RegExp(`^(${finding}|sub is not acceptable|it is not)`),
    );
  });
});

describe("validateIdToken: limits", () => {
  it("accepts a sub of 255 characters (OpenID Connect Core §2)", async () => {
    const sub = "x".repeat(255);

    await expect(
      validate({ change: { claims: { sub } } }),
    ).resolves.toMatchObject({ sub });
  });

  it("reports a missing iss as missing, not as wrong", async () => {
    await expect(refuseClaims({ iss: undefined })).resolves.toBe(
      "iss is missing",
    );
  });

  it("keeps the error of a string that is not a token as the cause", async () => {
    const result = validateToken(createProvider(), "not a token");

    await expect(result).rejects.toMatchObject({ cause: expect.any(Error) });
  });
});

describe("validateIdToken: nonce", () => {
  it.each([
    ["another's (nonce-invalid)", "nonce-of-another-flow"],
    ["missing", undefined],
    ["null", null],
    ["empty", ""],
    ["repeated", [nonce, nonce]],
    ["in capitals", nonce.toUpperCase()],
  ])("refuses nonce that is %s", async (_, value) => {
    await expect(refuseClaims({ nonce: value })).resolves.toBe(
      "nonce is not the flow's",
    );
  });

  it("accepts a refreshed ID token without a nonce", async () => {
    const claims = { nonce: undefined };

    await expect(
      validate({ change: { claims }, expectation: { nonce: undefined } }),
    ).resolves.toBeDefined();
  });

  it("refuses a refreshed ID token with a nonce if the nonce of the sign-in is unknown", async () => {
    await expect(refuse({ expectation: { nonce: undefined } })).resolves.toBe(
      "nonce is not the flow's",
    );
  });
});

describe("validateIdToken: a refreshed ID token (OpenID Connect Core 12.2)", () => {
  const original = { nonce, authTime: now };
  const expectation = { nonce: undefined, original };

  it.each([
    ["repeats the nonce of its sign-in", nonce],
    ["has none", undefined],
  ])("is accepted if it %s", async (_, value) => {
    const change = { claims: { nonce: value } };

    await expect(validate({ change, expectation })).resolves.toBeDefined();
  });

  it.each(["nonce-of-another-flow", "", null, [nonce], 5])(
    "is refused with the nonce %j",
    async (value) => {
      const change = { claims: { nonce: value } };

      await expect(refuse({ change, expectation })).resolves.toBe(
        "nonce is not the flow's",
      );
    },
  );

  it("is refused with a nonce if its sign-in had none", async () => {
    const without = { nonce: undefined, authTime: undefined };

    await expect(
      refuse({ expectation: { nonce: undefined, original: without } }),
    ).resolves.toBe("nonce is not the flow's");
  });

  it("refuses a first ID token without a nonce even if an earlier sign-in had one", async () => {
    const change = { claims: { nonce: undefined } };

    await expect(
      refuse({ change, expectation: { nonce, original } }),
    ).resolves.toBe("nonce is not the flow's");
  });

  it.each([
    ["the same", now, true],
    ["no", undefined, true],
    ["another", now + 1, false],
  ])(
    "[I51] with %s auth_time is accepted: %s",
    async (_, auth_time, isAccepted) => {
      const change = { claims: { nonce, auth_time } };

      const finding = await refuse({ change, expectation });

      expect(finding).toBe(
        isAccepted
          ? "not refused: [object Object]"
          : "auth_time is not that of the sign-in",
      );
    },
  );

  it("is accepted with an auth_time that its sign-in did not have", async () => {
    const without = { nonce, authTime: undefined };

    await expect(
      validate({ expectation: { nonce: undefined, original: without } }),
    ).resolves.toMatchObject({ auth_time: now });
  });
});

describe("validateIdToken: auth_time", () => {
  const expectation = { maxAgeSeconds: 600 };

  it.each([
    ["now", now],
    ["at the end of max_age and of the skew", now - 900],
    ["at the end of the skew in the future", now + 300],
  ])("accepts an authentication %s", async (_, auth_time) => {
    const change = { claims: { auth_time } };

    await expect(validate({ change, expectation })).resolves.toMatchObject({
      auth_time,
    });
  });

  it.each([
    [
      "longer ago than max_age",
      now - 901,
      "auth_time is longer ago than max_age",
    ],
    ["in the future", now + 301, "auth_time lies in the future"],
    [
      "at an unknown time",
      undefined,
      "auth_time is missing, which a sign-in with max_age needs: add this optional claim to the registration",
    ],
    [
      "at a time that is not a number",
      String(now),
      "auth_time is not a number",
    ],
  ])("refuses an authentication %s", async (_, auth_time, finding) => {
    const change = { claims: { auth_time } };

    await expect(refuse({ change, expectation })).resolves.toBe(finding);
  });

  it("accepts a token without auth_time if the flow did not set max_age", async () => {
    const change = { claims: { auth_time: undefined } };

    await expect(validate({ change })).resolves.toMatchObject({
      auth_time: undefined,
    });
  });

  it("accepts an old auth_time if the flow did not set max_age", async () => {
    const change = { claims: { auth_time: now - 1_000_000 } };

    await expect(validate({ change })).resolves.toBeDefined();
  });
});

describe("validateIdToken: at_hash", () => {
  it("accepts the hash of the access token that came with it", async () => {
    const digest = createHash("sha256").update(accessToken).digest();
    const claims = { at_hash: digest.subarray(0, 16).toString("base64url") };

    await expect(validate({ change: { claims } })).resolves.toBeDefined();
  });

  it.each([
    [
      "of another token (invalid-athash)",
      createHash("sha256")
        .update("x")
        .digest()
        .subarray(0, 16)
        .toString("base64url"),
    ],
    [
      "of all bits instead of half",
      createHash("sha256").update(accessToken).digest("base64url"),
    ],
    ["empty", ""],
    ["null", null],
  ])("refuses at_hash that is %s", async (_, hash) => {
    await expect(refuseClaims({ at_hash: hash })).resolves.toBe(
      "at_hash is not the access token's",
    );
  });
});

describe("validateIdToken: tenant", () => {
  it.each<[string, keyof typeof testPeople, string]>([
    ["organizations", "ada", "accepted"],
    ["organizations", "pia", "tenant_not_allowed"],
    ["common", "ada", "accepted"],
    ["common", "pia", "accepted"],
    [testTenants.consumers, "pia", "accepted"],
    [testTenants.consumers, "ada", "id_token_invalid"],
    [testTenants.contoso, "ada", "accepted"],
    [testTenants.contoso, "grace", "accepted"],
    [testTenants.contoso, "graceAtHome", "id_token_invalid"],
  ])(
    "with the authority %s and an account of %s: %s",
    async (tenant, name, result) => {
      const outcome = await validate({
        provider: createProvider({ tenant }),
        person: testPeople[name],
      }).then(
        () => "accepted",
        (error: unknown) =>
          error instanceof AuthError ? error.code : String(error),
      );

      expect(outcome).toBe(result);
    },
  );

  it("with the authority consumers accepts only personal accounts", async () => {
    const provider = createProvider({ tenant: "consumers" });

    await expect(
      validate({ provider, person: testPeople.pia }),
    ).resolves.toBeDefined();
    await expect(refuse({ provider, person: testPeople.ada })).resolves.toBe(
      "iss is not the identity provider's",
    );
  });

  it("with a domain as the authority accepts only the tenant of its issuer", async () => {
    const provider = createProvider({ tenant: "contoso.test" });
    provider.changeMetadata({
      issuer: `https://login.test/${testTenants.contoso}/v2.0`,
    });

    await expect(validate({ provider })).resolves.toBeDefined();
    await expect(
      refuse({ provider, person: testPeople.graceAtHome }),
    ).resolves.toBe("iss is not the identity provider's");
  });

  it("throws tenant_not_allowed for a genuine token of an organisation that is not listed", async () => {
    const tenantRule = {
      tenant: "organizations",
      allowedTenants: [testTenants.contoso],
    };

    const [listed, other] = await Promise.allSettled([
      validate({ expectation: { tenantRule } }),
      validate({ person: testPeople.graceAtHome, expectation: { tenantRule } }),
    ]);

    expect(listed.status).toBe("fulfilled");
    expect(other).toMatchObject({
      status: "rejected",
      reason: { code: "tenant_not_allowed" },
    });
  });

  it("does not report the tenant of a token that is not genuine", async () => {
    const finding = await refuse({
      person: testPeople.pia,
      change: { signature: "unpublished_key" },
    });

    expect(finding).toBe("its signature is wrong");
  });
});

describe("validateIdToken: message", () => {
  it("names the failed check and contains no value of the token", async () => {
    const planted = "planted-4f1c";

    const findings = await Promise.all(
      ["iss", "aud", "azp", "sub", "tid", "oid", "nonce", "at_hash"].map(
        (name) =>
          refuseClaims({
            [name]: name === "sub" ? planted.repeat(100) : planted,
          }),
      ),
    );

    expect(findings.join(" ")).not.toContain(planted);
    expect(findings.join(" ")).not.toContain("not refused");
  });
});
