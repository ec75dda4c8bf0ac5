import { describe, expect, it } from "vitest";
import { createFakeIdentityProvider } from "../testing/fake-identity-provider.js";
import type { FakeIdentityProviderOptions } from "../testing/fake-identity-provider.js";
import { createFakeSigningKey } from "../testing/fake-signing-key.js";
import type { FakeSignature, TokenChange } from "../testing/fake-token.js";
import { createTestClock } from "../testing/test-clock.js";
import { testPeople, testTenants } from "../testing/test-people.js";
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

describe("validateLogoutToken", () => {
  it("answers the provider's session that a token in order ends (backchannel)", async () => {
    await expect(create().validate()).resolves.toBe("provider-session-1");
  });

  it("accepts a token that calls itself a JWT, as older providers do", async () => {
    await expect(create().validate({ header: { typ: "JWT" } })).resolves.toBe(
      "provider-session-1",
    );
  });

  it.each<[string, FakeSignature]>([
    ["alg none (backchannel alg-none)", "none"],
    [
      "HS256 with the client secret (backchannel wrong-alg)",
      "hs256_client_secret",
    ],
    ["ES256 by another key (backchannel wrong-alg)", "es256"],
    ["a key that is not published", "unpublished_key"],
    ["other claims than were signed", "altered_payload"],
  ])("refuses %s", async (_, signature) => {
    await expect(create().validate({ signature })).rejects.toMatchObject(
      refusal,
    );
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ["no events (backchannel no-event)", { events: undefined }],
    [
      "no event of sign-out (backchannel wrong-event)",
      { events: { "http://schemas.openid.net/event/other": {} } },
    ],
    [
      "an event that is no object",
      {
        events: { "http://schemas.openid.net/event/backchannel-logout": true },
      },
    ],
    [
      "events that are a list",
      { events: ["http://schemas.openid.net/event/backchannel-logout"] },
    ],
    ["events that are null", { events: null }],
    ["a nonce (backchannel with-nonce)", { nonce: "nonce" }],
    ["another aud (backchannel wrong-aud)", { aud: "another-client" }],
    ["no aud", { aud: undefined }],
    [
      "aud that names a stranger besides",
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
    ["no sid", { sid: undefined }],
    ["an empty sid", { sid: "" }],
    ["a sid that is no text", { sid: ["provider-session-1"] }],
  ])("refuses %s", async (_, claims) => {
    await expect(create().validate({ claims })).rejects.toMatchObject(refusal);
  });

  it("refuses an ID token", async () => {
    const { provider, validateToken } = create();

    const idToken = await provider.createIdToken({ person: testPeople.ada });

    await expect(validateToken(idToken)).rejects.toMatchObject(refusal);
  });

  it.each(["at+jwt", "id+jwt"])(
    "refuses a token of the type %s",
    async (typ) => {
      await expect(
        create().validate({ header: { typ } }),
      ).rejects.toMatchObject(refusal);
    },
  );

  it.each(["", "nonsense", "a.b.c", "a.b.c.d.e"])(
    "refuses %j, which is no JWT",
    async (token) => {
      await expect(create().validateToken(token)).rejects.toMatchObject(
        refusal,
      );
    },
  );

  it("refuses a token by an unknown key in the words of a bad request", async () => {
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

  it("says that the provider is unavailable where its keys cannot be read", async () => {
    const { provider, validate } = create();
    provider.answerWith("keys", () => new Response("", { status: 500 }));

    await expect(validate()).rejects.toMatchObject({
      code: "identity_provider_unavailable",
    });
  });
});
