import { sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createFakeIdentityProvider } from "../../testing/provider/fake-identity-provider.js";
import type { FakeIdentityProviderOptions } from "../../testing/provider/fake-identity-provider.js";
import type {
  FakeSignature,
  TokenChange,
} from "../../testing/provider/fake-token.js";
import { createTestClock } from "../../testing/test-clock.js";
import { testPeople, testTenants } from "../../testing/provider/test-people.js";
import type { TestPerson } from "../../testing/provider/test-people.js";
import { createFakeSigningKey } from "../../testing/provider/fake-signing-key.js";
import { requirePermission, validateBearerToken } from "./bearer-token.js";
import type { Bearer, BearerRequirement } from "./bearer-token.js";

type Claims = Readonly<Record<string, unknown>>;

const now = Date.parse("2026-03-01T09:00:00Z") / 1000;
const spa = "5fa00000-0000-4000-8000-000000000001";
const daemon = "5fa00000-0000-4000-8000-0000000000da";
const { contoso, fabrikam } = testTenants;
const { ada, graceAtHome, pia } = testPeople;

const user: Claims = { azp: spa, scp: "Orders.Read Orders.Write" };
const application: Claims = {
  azp: daemon,
  roles: ["Orders.Export"],
  oid: daemon,
  sub: daemon,
};
/** The claims that differ in version 1.0. */
const version1: Claims = {
  ver: "1.0",
  iss: `https://sts.windows.net/${contoso}/`,
  appid: spa,
  azp: undefined,
};

function create(
  options: FakeIdentityProviderOptions & {
    readonly allowedTenants?: readonly string[];
  } = {},
) {
  const { tenant = "organizations", allowedTenants, ...others } = options;
  const clock = createTestClock();
  const provider = createFakeIdentityProvider({
    ...others,
    tenant,
    now: clock.now,
  });
  const ports = {
    identityClient: { clientId: provider.clientId, identityProvider: provider },
    now: clock.now,
  };
  const audiences = [provider.clientId, `api://${provider.clientId}`];
  const validateToken = (token: string) =>
    validateBearerToken(ports, token, {
      tenantRule: { tenant, allowedTenants },
      audiences,
    });
  return {
    provider,
    audiences,
    validateToken,
    validate: async (
      claims: Claims,
      change: TokenChange = {},
      person: TestPerson = ada,
    ): Promise<Bearer> =>
      validateToken(
        await provider.createIdToken({
          person: { ...person, claims: {} },
          change: { ...change, claims: { ...claims, ...change.claims } },
        }),
      ),
  };
}

const refusal = { code: "bearer_invalid" };

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}

describe("validateBearerToken", () => {
  it.each<[string, Claims]>([
    ["2.0", {}],
    ["1.0", { ...version1, aud: "api://5f1a7c52-7e0b-4d43-9a55-0c6a1e3f2b10" }],
  ])(
    "[B1] returns the user and the calling client of a delegated token of version %s",
    async (_, version) => {
      await expect(
        create().validate({ ...user, ...version, roles: "Admin" }),
      ).resolves.toEqual({
        kind: "user",
        tenantId: contoso,
        objectId: ada.objectId,
        clientId: spa,
        scopes: ["Orders.Read", "Orders.Write"],
        roles: ["Admin"],
      });
    },
  );

  it.each<[string, Claims]>([
    ["2.0", {}],
    ["1.0", { ...version1, appid: daemon, idtyp: "app" }],
  ])(
    "[B1][B6] returns the application of an app-only token of version %s",
    async (_, version) => {
      await expect(
        create().validate({ ...application, ...version }),
      ).resolves.toEqual({
        kind: "application",
        tenantId: contoso,
        objectId: daemon,
        clientId: daemon,
        roles: ["Orders.Export"],
      });
    },
  );

  it.each<[string, Claims]>([
    ["no exp", { ...user, exp: undefined }],
    ["exp five minutes ago", { ...user, exp: now - 300 }],
    ["nbf in the future", { ...user, nbf: now + 301 }],
    ["no iat", { ...user, iat: undefined }],
    ["iat in the future", { ...user, iat: now + 301 }],
  ])("[B2] refuses %s", async (_, claims) => {
    await expect(create().validate(claims)).rejects.toMatchObject(refusal);
  });

  it.each<[string, Claims]>([
    ["no tid", { ...user, tid: undefined }],
    ["tid that is not a GUID", { ...user, tid: "common" }],
    ["no ver", { ...user, ver: undefined }],
    ["an unknown ver", { ...user, ver: "3.0" }],
    [
      "the iss of version 1.0 in version 2.0",
      { ...user, iss: version1["iss"] },
    ],
    [
      "the iss of version 2.0 in version 1.0",
      { ...user, ...version1, iss: `https://login.test/${contoso}/v2.0` },
    ],
    [
      "the iss of another tenant",
      { ...user, iss: `https://login.test/${fabrikam}/v2.0` },
    ],
    [
      "the iss of another tenant in version 1.0",
      { ...user, ...version1, iss: `https://sts.windows.net/${fabrikam}/` },
    ],
    [
      "the iss of another cloud",
      { ...user, iss: `https://login.microsoftonline.us/${contoso}/v2.0` },
    ],
    [
      "the iss of another cloud in version 1.0",
      { ...user, ...version1, iss: `https://sts.chinacloudapi.cn/${contoso}/` },
    ],
    ["no iss", { ...user, iss: undefined }],
  ])("[B3] refuses %s", async (_, claims) => {
    await expect(create().validate(claims)).rejects.toMatchObject(refusal);
  });

  it.each<[string, Claims]>([
    ["another aud", { ...user, aud: "00000003-0000-0000-c000-000000000000" }],
    ["no aud", { ...user, aud: undefined }],
    [
      "a list of aud",
      { ...user, aud: ["5f1a7c52-7e0b-4d43-9a55-0c6a1e3f2b10"] },
    ],
  ])("[B4] refuses %s", async (_, claims) => {
    await expect(create().validate(claims)).rejects.toMatchObject(refusal);
  });

  it.each<[string, Claims]>([
    ["an ID token", { nonce: "nonce" }],
    ["an ID token that has roles", { roles: ["Admin"], nonce: "nonce" }],
    ["an ID token that has roles and no nonce", { roles: ["Admin"] }],
    ["a token with a nonce", { ...user, nonce: "nonce" }],
    ["neither scopes nor roles", { azp: spa }],
    ["empty scopes", { ...user, scp: " " }],
    ["scopes that are not a string", { ...user, scp: ["Orders.Read"] }],
    ["no azp and no appid", { ...user, azp: undefined }],
    ["azp that is not a GUID", { ...user, azp: "spa" }],
    [
      "appid instead of azp in version 2.0",
      { ...user, azp: undefined, appid: spa },
    ],
    [
      "azp instead of appid in version 1.0",
      { ...user, ...version1, azp: spa, appid: undefined },
    ],
    ["no oid", { ...user, oid: undefined }],
  ])("[B5] refuses %s", async (_, claims) => {
    await expect(create().validate(claims)).rejects.toMatchObject(refusal);
  });

  it.each<[string, Claims]>([
    ["scopes of an application", { ...user, idtyp: "app" }],
    [
      "scopes of an application that has roles",
      { ...application, scp: "Orders.Read", idtyp: "app" },
    ],
    ["roles of a user without scopes", { ...application, idtyp: "user" }],
  ])("[B6] refuses %s", async (_, claims) => {
    await expect(create().validate(claims)).rejects.toMatchObject(refusal);
  });

  it.each<FakeSignature>([
    "none",
    "hs256_client_secret",
    "es256",
    "unpublished_key",
    "altered_payload",
  ])("[B2] refuses the signature %s", async (signature) => {
    await expect(create().validate(user, { signature })).rejects.toMatchObject(
      refusal,
    );
  });

  it.each([
    ["the type of a logout token", { typ: "logout+jwt" }],
    ["an unknown kid", { kid: "another" }],
  ])("[B2][B5] refuses %s", async (_, header) => {
    await expect(create().validate(user, { header })).rejects.toMatchObject(
      refusal,
    );
  });

  it("[B2] refuses a token with a critical header that it does not understand", async () => {
    const { provider, validateToken } = create();
    const { privateKey, kid } = createFakeSigningKey(0);
    const token = await provider.createIdToken({
      person: { ...ada, claims: {} },
      change: { claims: user },
    });
    const [, payload] = token.split(".");
    const signToken = (header: object) => {
      const input = `${encode({ alg: "RS256", kid, ...header })}.${payload}`;
      const signature = sign("RSA-SHA256", Buffer.from(input), privateKey);
      return `${input}.${signature.toString("base64url")}`;
    };

    await expect(validateToken(signToken({}))).resolves.toBeDefined();
    await expect(
      validateToken(signToken({ crit: ["bind"], bind: "browser" })),
    ).rejects.toMatchObject(refusal);
  });

  it.each(["", "opaque", "a.b.c", "0.AXk.refresh-token", "a.b.c.d.e"])(
    "[B2] refuses the text %j",
    async (token) => {
      await expect(create().validateToken(token)).rejects.toMatchObject(
        refusal,
      );
    },
  );

  it.each<[string, Parameters<typeof create>[0], TestPerson]>([
    [
      "of an organisation that is not allowed",
      { allowedTenants: [contoso] },
      graceAtHome,
    ],
    ["of a personal account, if organisations may sign in", {}, pia],
    [
      "of another organisation than the only one",
      { tenant: contoso },
      graceAtHome,
    ],
    [
      "of another organisation than that of a domain",
      { tenant: "contoso.test" },
      graceAtHome,
    ],
  ])(
    "[B3] refuses a token %s, in both versions",
    async (_, options, person) => {
      const { provider, validate } = create(options);
      // Entra's metadata for a domain contains the ID of its tenant.
      if (options?.tenant !== undefined)
        provider.changeMetadata({
          issuer: `https://login.test/${contoso}/v2.0`,
        });
      const iss = `https://sts.windows.net/${person.tenantId}/`;

      for (const claims of [user, { ...user, ...version1, iss }])
        await expect(validate(claims, {}, person)).rejects.toMatchObject(
          refusal,
        );
    },
  );

  it.each([{}, version1])(
    "[B3] refuses a key that the key set gives to another issuer (%#)",
    async (version) => {
      const { provider, validate } = create();
      provider.changeKeys((keys) =>
        keys.map((key) => ({
          ...key,
          issuer: `https://login.test/${testTenants.consumers}/v2.0`,
        })),
      );

      await expect(validate({ ...user, ...version })).rejects.toMatchObject(
        refusal,
      );
    },
  );

  it.each([{}, version1])(
    "[B1] accepts a key whose issuer is the template of the key set (%#)",
    async (version) => {
      const { provider, validate } = create();
      provider.changeKeys((keys) =>
        keys.map((key) => ({
          ...key,
          issuer: "https://login.test/{tenantid}/v2.0",
        })),
      );

      await expect(validate({ ...user, ...version })).resolves.toMatchObject({
        kind: "user",
      });
    },
  );

  it("throws identity_provider_unavailable if the keys cannot be read", async () => {
    const { provider, validate } = create();
    provider.answerWith("keys", () => new Response(null, { status: 503 }));

    await expect(validate(user)).rejects.toMatchObject({
      code: "identity_provider_unavailable",
    });
  });
});

describe("requirePermission", () => {
  const parts = { tenantId: contoso, objectId: ada.objectId, clientId: spa };
  const asUser: Bearer = {
    kind: "user",
    ...parts,
    scopes: ["Read"],
    roles: ["Admin"],
  };
  const asApplication: Bearer = {
    kind: "application",
    ...parts,
    roles: ["Export"],
  };

  it.each<[string, Bearer, BearerRequirement, string | undefined]>([
    ["nothing is required", asUser, {}, undefined],
    [
      "a user has one of the scopes",
      asUser,
      { scopes: ["Write", "Read"] },
      undefined,
    ],
    [
      "a user has none of the scopes",
      asUser,
      { scopes: ["Write"] },
      "scope_required",
    ],
    [
      "an application meets scopes alone",
      asApplication,
      { scopes: ["Read"] },
      "scope_required",
    ],
    [
      "a user has one of the roles",
      asUser,
      { roles: ["Export", "Admin"] },
      undefined,
    ],
    [
      "a user has none of the roles",
      asUser,
      { roles: ["Export"] },
      "role_required",
    ],
    [
      "an application has one of the roles",
      asApplication,
      { roles: ["Export"] },
      undefined,
    ],
    [
      "an application has none of the roles",
      asApplication,
      { roles: ["Admin"] },
      "role_required",
    ],
    [
      "a user has a scope, given both",
      asUser,
      { scopes: ["Read"], roles: ["Export"] },
      undefined,
    ],
    [
      "a user has a role only, given both",
      asUser,
      { scopes: ["Write"], roles: ["Admin"] },
      "scope_required",
    ],
    [
      "an application has a role, given both",
      asApplication,
      { scopes: ["Read"], roles: ["Export"] },
      undefined,
    ],
    [
      "an application has none of the roles, given both",
      asApplication,
      { scopes: ["Read"], roles: ["Admin"] },
      "role_required",
    ],
    ["an empty list is required", asUser, { scopes: [] }, "scope_required"],
  ])("[B6] decides if %s", (_, bearer, requirement, code) => {
    const act = () => requirePermission(bearer, requirement);

    if (code === undefined) expect(act).not.toThrow();
    else expect(act).toThrow(expect.objectContaining({ code }));
  });
});
