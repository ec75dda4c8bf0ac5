import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cooldownSeconds, withFreshServer } from "./support/fresh-server.js";
import { startRelyingParty } from "./support/relying-party.js";
import type { RelyingParty } from "./support/relying-party.js";

// The modules of the OpenID Foundation's relying-party plans (basic and configuration) that look at one sign-in. Each
// `describe` is the module's own name. Those that need fresh signing keys stand in `signing-keys.test.ts`.

let relyingParty: RelyingParty;

beforeAll(async () => {
  relyingParty = await startRelyingParty();
});

afterAll(async () => {
  await relyingParty?.stop();
});

describe("oidcc-client-test-invalid-iss", () => {
  it("invalid-iss: refuses an ID token of another issuer", () =>
    relyingParty.expectRefused({
      type: "id_token_claims",
      set: { iss: "https://provider.test/v2.0" },
    }));
});

describe("oidcc-client-test-missing-sub", () => {
  it("missing-sub: refuses an ID token without sub", () =>
    relyingParty.expectRefused({ type: "id_token_claims", remove: ["sub"] }));
});

describe("oidcc-client-test-invalid-aud", () => {
  it("invalid-aud: refuses an ID token for another client", () =>
    relyingParty.expectRefused({
      type: "id_token_claims",
      set: { aud: "00000000-0000-4000-8000-0000000000aa" },
    }));
});

describe("oidcc-client-test-missing-aud", () => {
  it("missing-aud: refuses an ID token without aud", () =>
    relyingParty.expectRefused({ type: "id_token_claims", remove: ["aud"] }));
});

describe("oidcc-client-test-missing-iat", () => {
  it("missing-iat: refuses an ID token without iat", () =>
    relyingParty.expectRefused({ type: "id_token_claims", remove: ["iat"] }));
});

describe("oidcc-client-test-idtoken-sig-rs256", () => {
  it("idtoken-sig-rs256: accepts an ID token that a published key has signed with RS256", async () => {
    await relyingParty.expectAccepted();
  });
});

describe("oidcc-client-test-idtoken-sig-none", () => {
  it("idtoken-sig-none: refuses an ID token without a signature, even from the token endpoint itself", () =>
    relyingParty.expectRefused({
      type: "id_token_signature",
      variant: "none",
    }));
});

describe("oidcc-client-test-invalid-sig-rs256", () => {
  it("invalid-sig-rs256: refuses an RS256 signature that does not verify", () =>
    relyingParty.expectRefused({
      type: "id_token_signature",
      variant: "corrupt_signature",
    }));

  it("invalid-sig-rs256: refuses an RS256 signature by another key under the published key's kid", () =>
    relyingParty.expectRefused({
      type: "id_token_signature",
      variant: "rs256_unpublished_key_same_kid",
    }));
});

describe("oidcc-client-test-invalid-sig-hs256", () => {
  it("invalid-sig-hs256: refuses an ID token that is signed with the client secret", () =>
    relyingParty.expectRefused({
      type: "id_token_signature",
      variant: "hs256_client_secret",
    }));
});

describe("oidcc-client-test-invalid-sig-es256", () => {
  it("invalid-sig-es256: refuses an ES256 signature by another key", () =>
    relyingParty.expectRefused({
      type: "id_token_signature",
      variant: "es256_other_key",
    }));
});

describe("oidcc-client-test-invalid-athash", () => {
  it("invalid-athash: refuses an at_hash of another access token", () =>
    relyingParty.expectRefused({
      type: "id_token_wrong_hash",
      claim: "at_hash",
    }));
});

describe("oidcc-client-test-userinfo-invalid-sub", () => {
  it("userinfo-invalid-sub: never asks UserInfo, so nothing that it says of another person is believed", async () => {
    relyingParty.emulator.control.clearRequests();

    const visitor = await relyingParty.expectAccepted({
      type: "userinfo",
      set: { sub: "another", name: "planted-by-userinfo" },
    });

    expect(relyingParty.emulator.control.requests("userinfo")).toEqual([]);
    expect((await visitor.query("auth.me")).text).not.toContain(
      "planted-by-userinfo",
    );
  });
});

describe("oidcc-client-test-nonce-invalid", () => {
  it("nonce-invalid: refuses an ID token with another nonce", () =>
    relyingParty.expectRefused({
      type: "id_token_claims",
      set: { nonce: "another" },
    }));
});

describe("oidcc-client-test-discovery-issuer-mismatch", () => {
  it("discovery-issuer-mismatch: starts no sign-in with a provider whose document names another issuer", async () => {
    const { emulator } = relyingParty;
    // A server that has not read the document yet.
    await withFreshServer(emulator, async (unread, clock) => {
      const visitor = unread.createVisitor();

      const refused = await unread.withFaults(
        [
          {
            type: "discovery",
            set: { issuer: "https://provider.test/{tenantid}/v2.0" },
          },
        ],
        () => visitor.mutate("auth.login"),
      );

      expect(refused.status).toBe(503);
      expect(refused.error?.data.authCode).toBe(
        "identity_provider_unavailable",
      );
      expect(refused.text).not.toContain("authorizationUrl");
      expect(visitor.cookies().size).toBe(0);
      clock.advance(cooldownSeconds);
      await unread.expectAccepted();
    });
  });
});
