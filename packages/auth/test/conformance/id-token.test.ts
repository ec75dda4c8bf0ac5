import { builtInTenants, demoApp } from "@entrada/entra-emulator";
import type { Fault, Json, JsonObject } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startKeyThief } from "./support/key-thief.js";
import { startRelyingParty } from "./support/relying-party.js";
import type { RelyingParty } from "./support/relying-party.js";

const { contoso, fabrikam } = builtInTenants;
const stranger = "00000000-0000-4000-8000-0000000000aa";

let relyingParty: RelyingParty;

beforeAll(async () => {
  relyingParty = await startRelyingParty();
});

afterAll(async () => {
  await relyingParty?.stop();
});

function claims(set: JsonObject): Fault {
  return { type: "id_token_claims", set };
}

/** Sets a claim to this many seconds after the token is signed. */
function instant(claim: string, seconds: number): Fault {
  return {
    type: "id_token_claims",
    transform: (signed) => ({
      ...signed,
      [claim]: Math.floor(Date.now() / 1000) + seconds,
    }),
  };
}

describe("the signature of an ID token", () => {
  it("[I5] covers the payload: an altered one is refused", () =>
    relyingParty.expectRefused({
      type: "id_token_signature",
      variant: "altered_payload",
    }));

  it.each(["logout+jwt", "at+jwt", "JWS", 7])(
    "[I12] does not make a token of another type an ID token: %j",
    (typ) =>
      relyingParty.expectRefused({ type: "id_token_header", set: { typ } }),
  );

  it("[I11] is not verified with a key from jku, jwk, x5u or x5c of the token's header", async () => {
    const thief = await startKeyThief(relyingParty.emulator);
    try {
      for (const set of thief.headers) {
        await relyingParty.expectRefused(
          { type: "id_token_header", set },
          {
            type: "id_token_signature",
            variant: "rs256_unpublished_key_same_kid",
          },
        );
      }

      expect(thief.countRequests()).toBe(0);
    } finally {
      await thief.stop();
    }
  });

  it("[I11] is verified with the published key if the header names another one", async () => {
    const thief = await startKeyThief(relyingParty.emulator);
    try {
      for (const set of thief.headers)
        await relyingParty.expectAccepted({ type: "id_token_header", set });

      expect(thief.countRequests()).toBe(0);
    } finally {
      await thief.stop();
    }
  });
});

describe("iss of an ID token", () => {
  it("[I14] may not be missing", () =>
    relyingParty.expectRefused({ type: "id_token_claims", remove: ["iss"] }));

  it("[I15] may not be of another tenant than tid", () =>
    relyingParty.expectRefused(
      claims({
        iss: `${relyingParty.emulator.origin}/${fabrikam.tenantId}/v2.0`,
      }),
    ));

  it("[I16] may not be the issuer of v1.0", () =>
    relyingParty.expectRefused(
      claims({ iss: `https://sts.windows.net/${contoso.tenantId}/` }),
    ));

  it.each([
    "https://login.microsoftonline.com",
    "https://login.microsoftonline.us",
    "https://login.partner.microsoftonline.cn",
  ])("[I17] may not be of another cloud: %s", (cloud) =>
    relyingParty.expectRefused(
      claims({ iss: `${cloud}/${contoso.tenantId}/v2.0` }),
    ),
  );

  it.each(["organizations", "common", "{tenantid}", "contoso.com", ""])(
    "[I18] may not be the template filled in with a tid that is not a GUID: %j",
    (tid) =>
      relyingParty.expectRefused(
        claims({ tid, iss: `${relyingParty.emulator.origin}/${tid}/v2.0` }),
      ),
  );

  it.each<[string, (issuer: string) => Json]>([
    ["a trailing slash", (issuer) => `${issuer}/`],
    ["capital letters", (issuer) => issuer.toUpperCase()],
    ["a fragment", (issuer) => `${issuer}#`],
    ["a list", (issuer) => [issuer]],
  ])("[I13] must be exactly the provider's: not with %s", (_, change) =>
    relyingParty.expectRefused(
      claims({
        iss: change(`${relyingParty.emulator.origin}/${contoso.tenantId}/v2.0`),
      }),
    ),
  );
});

describe("aud of an ID token", () => {
  it("[I21] may be a list of only this client", async () => {
    await relyingParty.expectAccepted(claims({ aud: [demoApp.clientId] }));
  });

  it.each<[string, JsonObject]>([
    ["no azp", {}],
    ["the other client's azp", { azp: stranger }],
    ["our azp", { azp: demoApp.clientId }],
  ])("[I22] may not also name another client, with %s", async (_, azp) => {
    await relyingParty.expectRefused(
      claims({ aud: [demoApp.clientId, stranger], ...azp }),
    );
    await relyingParty.expectRefused(
      claims({ aud: [stranger, demoApp.clientId], ...azp }),
    );
  });

  it.each<[string, Json]>([
    ["an empty list", []],
    ["an object", { 0: demoApp.clientId }],
    ["a list in a list", [[demoApp.clientId]]],
    ["a longer name", `${demoApp.clientId}0`],
  ])("[I19] may not be %s", (_, aud) =>
    relyingParty.expectRefused(claims({ aud })),
  );

  it("[I22] may not come with the azp of another client", () =>
    relyingParty.expectRefused(claims({ azp: stranger })));
});

describe("the times of an ID token", () => {
  it("[I23] allow five minutes of clock skew", async () => {
    await relyingParty.expectAccepted(instant("exp", -270));
    await relyingParty.expectAccepted(instant("nbf", 299));
    await relyingParty.expectAccepted(instant("iat", 299));
  });

  it.each<[string, number]>([
    ["exp", -301],
    ["nbf", 330],
    ["iat", 330],
  ])("[I24] allow no more clock skew: %s by %i seconds", (claim, seconds) =>
    relyingParty.expectRefused(instant(claim, seconds)),
  );

  it("[I25] may not lack exp", () =>
    relyingParty.expectRefused({ type: "id_token_claims", remove: ["exp"] }));

  it.each(["exp", "nbf", "iat"])("[I25] are numbers: %s", (claim) =>
    relyingParty.expectRefused({
      type: "id_token_claims",
      transform: (signed) => ({ ...signed, [claim]: String(signed[claim]) }),
    }),
  );
});

describe("the user of an ID token", () => {
  it.each(["sub", "tid", "oid"])(
    "[I27][I28][I29] is unknown without %s",
    (claim) =>
      relyingParty.expectRefused({ type: "id_token_claims", remove: [claim] }),
  );

  it.each<[string, string, Json]>([
    ["sub", "is empty", ""],
    ["sub", "is a number", 7],
    ["sub", "is longer than 255 characters", "x".repeat(256)],
    ["tid", "is a domain", "contoso.com"],
    ["tid", "is null", null],
    ["oid", "is a name", "ada"],
    ["oid", "is a list", ["ada00000-0000-4000-8000-00000000ada1"]],
  ])("[I28] is unknown if %s %s", (claim, _, value) =>
    relyingParty.expectRefused(claims({ [claim]: value })),
  );
});

describe("nonce of an ID token", () => {
  it("[I31] may not be missing", () =>
    relyingParty.expectRefused({
      type: "id_token_claims",
      remove: ["nonce"],
    }));

  it("[I32] may not be the one of an earlier sign-in", async () => {
    let earlier: Json = "";
    await relyingParty.expectAccepted({
      type: "id_token_claims",
      transform: (signed) => {
        earlier = signed["nonce"] ?? "";
        return signed;
      },
    });

    await relyingParty.expectRefused(claims({ nonce: earlier }));

    expect(earlier).toMatch(/^[\w-]{43}$/);
  });

  it("[I32] may not be in the token twice", () =>
    relyingParty.expectRefused({
      type: "id_token_claims",
      transform: (signed) => ({
        ...signed,
        nonce: [signed["nonce"] ?? "", signed["nonce"] ?? ""],
      }),
    }));
});

describe("at_hash of an ID token", () => {
  it.each<[string, Json]>([
    ["no text", 7],
    ["empty", ""],
    ["null", null],
  ])("[I33] may not be %s", (_, value) =>
    relyingParty.expectRefused(claims({ at_hash: value })),
  );
});
