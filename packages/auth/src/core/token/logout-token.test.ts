import { describe, expect, it } from "vitest";
import { createFakeIdentityProvider } from "../../testing/provider/fake-identity-provider.js";
import type { FakeIdentityProviderOptions } from "../../testing/provider/fake-identity-provider.js";
import { createFakeSigningKey } from "../../testing/provider/fake-signing-key.js";
import type {
  FakeSignature,
  TokenChange,
} from "../../testing/provider/fake-token.js";
import { createTestClock } from "../../testing/test-clock.js";
import { testPeople, testTenants } from "../../testing/provider/test-people.js";
import { validateLogoutToken } from "./logout-token.js";

const now = Date.parse("2026-03-01T09:00:00Z") / 1000;

function create(options: FakeIdentityProviderOptions = {}) {
  const clock = createTestClock();
  const provider = createFakeIdentityProvider({ ...options, now: clock.now });
  const ports = {
    identityClient: { clientId: provider.clientId, identityProvider: provider },
    now: clock.now,
  };
  const request = {
    tenantId: testTenants.contoso,
    providerSessionId: "provider-session-1",
  };
  return {
    provider,
    validate: async (change: TokenChange = {}) =>
      validateLogoutToken(
        ports,
        await provider.createLogoutToken({ ...request, change }),
      ),
    validateToken: (token: string) => validateLogoutToken(ports, token),
  };
}

const refusal = { code: "invalid_request" };
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout";

describe("validateLogoutToken", () => {
  it("returns the session of the provider that a valid token names (backchannel)", async () => {
    await expect(create().validate()).resolves.toEqual({
      tenantId: testTenants.contoso,
      providerSessionId: "provider-session-1",
      subject: undefined,
      startedUntil: new Date((now + 300) * 1000),
    });
  });

  it("returns the user that a token without a session names", async () => {
    const claims = { sid: undefined, sub: "subject-of-ada" };

    await expect(create().validate({ claims })).resolves.toMatchObject({
      tenantId: testTenants.contoso,
      providerSessionId: undefined,
      subject: "subject-of-ada",
    });
  });

  it("returns the organisation of the token's issuer", async () => {
    const claims = { iss: `https://login.test/${testTenants.fabrikam}/v2.0` };

    await expect(create().validate({ claims })).resolves.toMatchObject({
      tenantId: testTenants.fabrikam,
    });
  });

  it.each<[string, FakeSignature]>([
    ["alg none (backchannel alg-none)", "none"],
    [
      "HS256 with the client secret (backchannel wrong-alg)",
      "hs256_client_secret",
    ],
    ["ES256 by another key (backchannel wrong-alg)", "es256"],
    ["a key that is not published", "unpublished_key"],
    ["claims that were changed after signing", "altered_payload"],
  ])("refuses %s", async (_, signature) => {
    await expect(create().validate({ signature })).rejects.toMatchObject(
      refusal,
    );
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ["no events (backchannel no-event)", { events: undefined }],
    [
      "no sign-out event (backchannel wrong-event)",
      { events: { "http://schemas.openid.net/event/other": {} } },
    ],
    [
      "an event that is not an object",
      {
        events: { "http://schemas.openid.net/event/backchannel-logout": true },
      },
    ],
    [
      "events that are a list",
      { events: ["http://schemas.openid.net/event/backchannel-logout"] },
    ],
    ["events that are null", { events: null }],
    ["an event that is null", { events: { [logoutEvent]: null } }],
    [
      "an event that is not an object, beside one that is",
      {
        events: {
          "http://schemas.openid.net/event/other": {},
          [logoutEvent]: 1,
        },
      },
    ],
    ["a nonce (backchannel with-nonce)", { nonce: "nonce" }],
    ["another aud (backchannel wrong-aud)", { aud: "another-client" }],
    ["no aud", { aud: undefined }],
    [
      "aud that also names another client",
      { aud: ["5f1a7c52-7e0b-4d43-9a55-0c6a1e3f2b10", "another-client"] },
    ],
    [
      "another iss (backchannel wrong-iss)",
      { iss: `https://evil.test/${testTenants.contoso}/v2.0` },
    ],
    ["no iss", { iss: undefined }],
    [
      "iss that fills the template with no tenant ID",
      { iss: "https://login.test/common/v2.0" },
    ],
    ["no iat", { iat: undefined }],
    ["iat in the future", { iat: now + 301 }],
    ["no exp", { exp: undefined }],
    ["exp five minutes ago", { exp: now - 300 }],
    ["no jti", { jti: undefined }],
    ["neither sid nor sub", { sid: undefined, sub: undefined }],
    ["an empty sub", { sub: "" }],
    ["a sub that is not a string", { sub: 5 }],
    ["a sub of more than 255 characters", { sub: "s".repeat(256) }],
    ["an empty sid", { sid: "" }],
    ["a sid that is not a string", { sid: ["provider-session-1"] }],
  ])("refuses %s", async (_, claims) => {
    await expect(create().validate({ claims })).rejects.toMatchObject(refusal);
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    [
      "another event beside the sign-out",
      {
        events: {
          "http://schemas.openid.net/event/other": 1,
          [logoutEvent]: {},
        },
      },
    ],
    ["iat five minutes ahead", { iat: now + 300 }],
  ])("accepts %s", async (_, claims) => {
    await expect(create().validate({ claims })).resolves.toMatchObject({
      providerSessionId: "provider-session-1",
    });
  });

  it.each(["sid", "sub"])(
    "accepts a %s of 255 characters, and names the claim that is longer",
    async (claim) => {
      const { validate } = create();
      const longest = "s".repeat(255);
      const read = { sid: "providerSessionId", sub: "subject" }[claim] ?? "";

      await expect(
        validate({ claims: { [claim]: longest } }),
      ).resolves.toMatchObject({ [read]: longest });
      await expect(
        validate({ claims: { [claim]: `${longest}s` } }),
      ).rejects.toThrow(`${claim} is not a string of 1 to 255 characters`);
    },
  );

  it("names the check, and keeps the error of the library as the cause", async () => {
    const { validate, validateToken } = create();

    await expect(validate({ claims: { nonce: "n" } })).rejects.toThrow("nonce");
    await expect(validateToken("nonsense")).rejects.toMatchObject({
      cause: expect.any(Error),
    });
  });

  it("accepts a key that may sign only for the issuer", async () => {
    const { provider, validate } = create();
    const issuer = `https://login.test/${testTenants.contoso}/v2.0`;
    provider.changeKeys((keys) => keys.map((key) => ({ ...key, issuer })));

    await expect(validate()).resolves.toMatchObject({
      providerSessionId: "provider-session-1",
    });
  });

  it("[O10] refuses an ID token", async () => {
    const { provider, validateToken } = create();

    const idToken = await provider.createIdToken({ person: testPeople.ada });

    await expect(validateToken(idToken)).rejects.toMatchObject(refusal);
  });

  it("accepts its type in capitals", async () => {
    await expect(
      create().validate({ header: { typ: "LOGOUT+JWT" } }),
    ).resolves.toMatchObject({ providerSessionId: "provider-session-1" });
  });

  it.each(["at+jwt", "id+jwt", "JWT", undefined, 5])(
    "[O10] refuses a token of the type %s",
    async (typ) => {
      await expect(
        create().validate({ header: { typ } }),
      ).rejects.toMatchObject(refusal);
    },
  );

  it.each(["", "nonsense", "a.b.c", "a.b.c.d.e"])(
    "refuses %j, which is not a JWT",
    async (token) => {
      await expect(create().validateToken(token)).rejects.toMatchObject(
        refusal,
      );
    },
  );

  it("throws invalid_request for a token that an unknown key signed", async () => {
    await expect(
      create().validate({ header: { kid: "unknown" } }),
    ).rejects.toMatchObject(refusal);
  });

  it("refuses a key that may not sign for the issuer", async () => {
    const { provider, validate } = create();
    const issuer = `https://login.test/${testTenants.consumers}/v2.0`;
    provider.changeKeys(() => [{ ...createFakeSigningKey(0).jwk, issuer }]);

    await expect(validate()).rejects.toMatchObject(refusal);
  });

  it("throws identity_provider_unavailable if the keys cannot be read", async () => {
    const { provider, validate } = create();
    provider.answerWith("keys", () => new Response("", { status: 500 }));

    await expect(validate()).rejects.toMatchObject({
      code: "identity_provider_unavailable",
    });
  });
});
