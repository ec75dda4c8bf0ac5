import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cooldownSeconds, withFreshServer } from "./support/fresh-server.js";
import { startRelyingParty } from "./support/relying-party.js";
import type { RelyingParty } from "./support/relying-party.js";

// The modules of the OpenID Foundation's relying-party plans (basic and configuration) that test one sign-in. Each
// `describe` is the name of a module. The modules about signing keys are in `signing-keys.test.ts`.

let relyingParty: RelyingParty;

beforeAll(async () => {
  relyingParty = await startRelyingParty();
});

afterAll(async () => {
  await relyingParty?.stop();
});

describe("[M1] oidcc-client-test-invalid-iss", () => {
  it("[I13] invalid-iss: refuses an ID token of another issuer", () =>
    relyingParty.expectRefused({
      type: "id_token_claims",
      set: { iss: "https://provider.test/v2.0" },
    }));
});

describe("[M2] oidcc-client-test-missing-sub", () => {
  it("[I27] missing-sub: refuses an ID token without sub", () =>
    relyingParty.expectRefused({ type: "id_token_claims", remove: ["sub"] }));
});

describe("[M3] oidcc-client-test-invalid-aud", () => {
  it("[I19] invalid-aud: refuses an ID token for another client", () =>
    relyingParty.expectRefused({
      type: "id_token_claims",
      set: { aud: "00000000-0000-4000-8000-0000000000aa" },
    }));
});

describe("[M4] oidcc-client-test-missing-aud", () => {
  it("[I20] missing-aud: refuses an ID token without aud", () =>
    relyingParty.expectRefused({ type: "id_token_claims", remove: ["aud"] }));
});

describe("[M5] oidcc-client-test-missing-iat", () => {
  it("[I26] missing-iat: refuses an ID token without iat", () =>
    relyingParty.expectRefused({ type: "id_token_claims", remove: ["iat"] }));
});

describe("[M8] oidcc-client-test-idtoken-sig-rs256", () => {
  it("[I1] idtoken-sig-rs256: accepts an ID token signed with RS256 by a published key", async () => {
    await relyingParty.expectAccepted();
  });
});

describe("[M9] oidcc-client-test-idtoken-sig-none", () => {
  it("[I2] idtoken-sig-none: refuses an ID token without a signature, even from the token endpoint", () =>
    relyingParty.expectRefused({
      type: "id_token_signature",
      variant: "none",
    }));
});

describe("[M10] oidcc-client-test-invalid-sig-rs256", () => {
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

describe("[M11] oidcc-client-test-invalid-sig-hs256", () => {
  it("[I3] invalid-sig-hs256: refuses an ID token signed with the client secret", () =>
    relyingParty.expectRefused({
      type: "id_token_signature",
      variant: "hs256_client_secret",
    }));
});

describe("[M12] oidcc-client-test-invalid-sig-es256", () => {
  it("[I4] invalid-sig-es256: refuses an ES256 signature by another key", () =>
    relyingParty.expectRefused({
      type: "id_token_signature",
      variant: "es256_other_key",
    }));
});

describe("[M13] oidcc-client-test-invalid-athash", () => {
  it("[I33] invalid-athash: refuses an at_hash of another access token", () =>
    relyingParty.expectRefused({
      type: "id_token_wrong_hash",
      claim: "at_hash",
    }));
});

describe("[M14] oidcc-client-test-userinfo-invalid-sub", () => {
  it("userinfo-invalid-sub: never calls UserInfo, so claims about another user are never used", async () => {
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

describe("[M15] oidcc-client-test-nonce-invalid", () => {
  it("[F12][I30] nonce-invalid: refuses an ID token with another nonce", () =>
    relyingParty.expectRefused({
      type: "id_token_claims",
      set: { nonce: "another" },
    }));
});

describe("[M18] oidcc-client-test-discovery-issuer-mismatch", () => {
  it("discovery-issuer-mismatch: starts no sign-in if the provider's document names another issuer", async () => {
    const { emulator } = relyingParty;
    // A new server has not read the document yet.
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
