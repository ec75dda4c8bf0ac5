import { once } from "node:events";
import { createLocalJWKSet, errors, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import {
  type Fault,
  type FaultType,
  faultTypes,
  keySetVariants,
  type SignatureVariant,
  signatureVariants,
} from "../src/index.js";
import { openBrowser } from "./support/browser.js";
import {
  answerOf,
  authorizeUrl,
  claimsOf,
  getJson,
  getKeys,
  headerOf,
  pick,
  postToken,
  redeem,
  signIn,
  textOf,
} from "./support/relying-party.js";
import { demoApp, NOW, useEmulator } from "./support/test-emulator.js";

const emulator = useEmulator();
const ada = "ada@contoso.com";

function setFault(fault: Fault): void {
  emulator().control.setFault(fault);
}

async function verify(idToken: string): Promise<unknown> {
  const keys = (await getKeys(emulator())).map((key) => ({
    ...key,
    kty: "RSA",
  }));
  return jwtVerify(idToken, createLocalJWKSet({ keys }), {
    currentDate: NOW,
    algorithms: ["RS256"],
  });
}

describe("faults", () => {
  it("change ID token claims by set, remove and transform, in the responses that `on` names", async () => {
    setFault({
      type: "id_token_claims",
      set: { aud: ["a", "b"] },
      remove: ["oid"],
      on: ["authorization_code"],
    });
    setFault({
      type: "id_token_claims",
      transform: (claims) => ({ ...claims, sub: `${String(claims.sub)}!` }),
      on: ["refresh_token"],
    });

    const first = await signIn(emulator(), ada);
    const refresh_token = textOf(first, "refresh_token");
    const second = await postToken(emulator(), {
      grant_type: "refresh_token",
      refresh_token,
      scope: "openid profile",
    });

    expect(claimsOf(first).aud).toEqual(["a", "b"]);
    expect(claimsOf(first)).not.toHaveProperty("oid");
    expect(claimsOf(second)).toMatchObject({
      aud: demoApp.clientId,
      sub: `${String(claimsOf(first).sub)}!`,
    });
    await expect(verify(textOf(first, "id_token"))).resolves.toBeDefined();
  });

  it("end after the given number of responses, and do not affect other clients", async () => {
    setFault({
      type: "id_token_claims",
      set: { nonce: "wrong" },
      times: 1,
      clientId: demoApp.clientId,
    });
    setFault({
      type: "id_token_claims",
      set: { name: "Other client" },
      clientId: "another",
    });

    const first = claimsOf(await signIn(emulator(), ada));
    const second = claimsOf(await signIn(emulator(), ada));

    expect(first.nonce).toBe("wrong");
    expect(second.nonce).toBe("nonce-1");
    expect(second.name).toBe("Ada Lindqvist");
  });

  it("change the header of the ID token", async () => {
    setFault({
      type: "id_token_header",
      remove: ["kid"],
      set: { jku: "https://evil.example/keys", typ: "at+jwt" },
    });

    const header = headerOf(await signIn(emulator(), ada));

    expect(header).toEqual({
      alg: "RS256",
      typ: "at+jwt",
      jku: "https://evil.example/keys",
    });
  });

  const signatures: Readonly<
    Record<
      Exclude<SignatureVariant, "consumer_key">,
      { alg: string; refusal: new (...args: never[]) => Error }
    >
  > = {
    none: { alg: "none", refusal: errors.JOSEAlgNotAllowed },
    hs256_client_secret: { alg: "HS256", refusal: errors.JOSEAlgNotAllowed },
    es256_other_key: { alg: "ES256", refusal: errors.JOSEAlgNotAllowed },
    rs256_unpublished_key: { alg: "RS256", refusal: errors.JWKSNoMatchingKey },
    rs256_unpublished_key_same_kid: {
      alg: "RS256",
      refusal: errors.JWSSignatureVerificationFailed,
    },
    altered_payload: {
      alg: "RS256",
      refusal: errors.JWSSignatureVerificationFailed,
    },
    corrupt_signature: {
      alg: "RS256",
      refusal: errors.JWSSignatureVerificationFailed,
    },
  };

  it.each(Object.entries(signatures))(
    "sign wrongly: %s",
    async (variant, { alg, refusal }) => {
      const answer = await signWith(variant);

      expect(headerOf(answer).alg).toBe(alg);
      await expect(verify(textOf(answer, "id_token"))).rejects.toBeInstanceOf(
        refusal,
      );
    },
  );

  it("rotate the key immediately before signing", async () => {
    const before = (await getKeys(emulator())).map(({ kid }) => kid);
    setFault({ type: "rotate_before_signing", times: 1, retirePrevious: true });

    const answer = await signIn(emulator(), ada);

    expect(before).not.toContain(headerOf(answer).kid);
    await expect(verify(textOf(answer, "id_token"))).resolves.toBeDefined();
    expect((await getKeys(emulator())).map(({ kid }) => kid)).not.toContain(
      before[0],
    );
  });

  it("publish other keys", async () => {
    const seen = new Map<
      string,
      readonly Readonly<Record<string, unknown>>[]
    >();
    for (const variant of keySetVariants) {
      setFault({ type: "key_set", variant, times: 1 });
      seen.set(variant, await getKeys(emulator()));
    }
    const usual = await getKeys(emulator());

    expect(seen.get("single_key")).toEqual(usual.slice(0, 1));
    expect(seen.get("single_key_without_kid")?.[0]).not.toHaveProperty("kid");
    expect(seen.get("all_without_kid")?.filter((key) => "kid" in key)).toEqual(
      [],
    );
    expect(seen.get("foreign_issuer")?.[0]?.issuer).toContain("login.example");
    expect(seen.get("without_issuer")?.[0]).not.toHaveProperty("issuer");
    expect(seen.get("extra_keys")).toHaveLength(usual.length + 1);
    expect(seen.get("next_key_only")).toEqual(usual.slice(1, 2));
    expect(seen.get("empty")).toEqual([]);
  });

  it("change the discovery document", async () => {
    setFault({
      type: "discovery",
      set: { issuer: "https://evil.example" },
      remove: ["jwks_uri"],
      times: 1,
    });
    const url = `${emulator().origin}/common/v2.0/.well-known/openid-configuration`;

    const { body } = await getJson(url);

    expect(body.issuer).toBe("https://evil.example");
    expect(body).not.toHaveProperty("jwks_uri");
    expect((await getJson(url)).body).toHaveProperty("jwks_uri");
  });

  it("change, replace or refuse the token response", async () => {
    setFault({
      type: "token_response",
      remove: ["id_token"],
      set: { client_info: "%%%", extra: 1 },
      times: 1,
    });
    const changed = await signIn(emulator(), ada);
    setFault({
      type: "token_response",
      status: 502,
      body: "<h1>Bad gateway</h1>",
      times: 1,
    });
    const { code } = answerOf(await pick(emulator(), ada));
    const replaced = redeem(emulator(), code);
    await expect(replaced).rejects.toThrow(SyntaxError);
    setFault({
      type: "token_error",
      code: 50076,
      claims: '{"access_token":{}}',
      times: 1,
    });
    const refused = await redeem(emulator(), code);

    expect(changed.body).not.toHaveProperty("id_token");
    expect(changed.body).toMatchObject({ client_info: "%%%", extra: 1 });
    expect(refused.body).toMatchObject({
      error: "invalid_grant",
      suberror: "basic_action",
      error_codes: [50076],
      claims: '{"access_token":{}}',
    });
  });

  it("change the authorization response: repeated iss, other state, other code", async () => {
    setFault({
      type: "authorization_response",
      set: {
        iss: ["https://one.example", "https://two.example"],
        code: "replaced",
      },
      remove: ["state"],
      times: 1,
    });

    const { location = "" } = await pick(emulator(), ada);

    const parameters = new URL(location).searchParams;
    expect(parameters.getAll("iss")).toEqual([
      "https://one.example",
      "https://two.example",
    ]);
    expect(parameters.get("code")).toBe("replaced");
    expect(parameters.has("state")).toBe(false);
  });

  it("redirect an authorization request with any AADSTS error", async () => {
    setFault({
      type: "authorization_error",
      code: 65004,
      error: "consent_required",
      times: 1,
    });

    const answer = answerOf(await openBrowser().get(authorizeUrl(emulator())));

    expect(answer).toMatchObject({
      error: "consent_required",
      state: "state-1",
    });
    expect(answer.error_description).toMatch(/^AADSTS65004: /);
  });

  it("put a wrong at_hash into the ID token", async () => {
    setFault({ type: "id_token_wrong_hash", claim: "at_hash", times: 1 });

    expect(claimsOf(await signIn(emulator(), ada)).at_hash).toMatch(
      /^[\w-]{22}$/,
    );
  });

  it("change sub at UserInfo", async () => {
    const authorization = `Bearer ${textOf(await signIn(emulator(), ada), "access_token")}`;
    setFault({ type: "userinfo", set: { sub: "someone else" }, times: 1 });

    const answer = await fetch(`${emulator().origin}/oidc/userinfo`, {
      headers: { authorization },
    });

    expect(await answer.json()).toMatchObject({ sub: "someone else" });
  });

  it("make an endpoint unavailable or slow", async () => {
    const url = `${emulator().origin}/common/discovery/v2.0/keys`;
    setFault({ type: "down", endpoint: "keys", how: "destroy", times: 1 });
    await expect(fetch(url)).rejects.toThrow("fetch failed");
    setFault({ type: "down", endpoint: "keys", times: 1 });
    const unavailable = await fetch(url);
    setFault({
      type: "delay",
      endpoint: "keys",
      delayMilliseconds: 60_000,
      times: 1,
    });
    const slow = fetch(url, { signal: AbortSignal.timeout(50) });

    expect(unavailable.status).toBe(503);
    await expect(slow).rejects.toThrow(/timeout/i);
    expect((await fetch(url)).status).toBe(200);
  });

  it("delay an endpoint's response until a promise resolves", async () => {
    const url = `${emulator().origin}/common/discovery/v2.0/keys`;
    const events = new EventTarget();
    const isHeld = once(events, "hold").then(() => "held");
    setFault({
      type: "delay",
      endpoint: "keys",
      delayMilliseconds: 0,
      until: async () => {
        const opening = once(events, "open");
        events.dispatchEvent(new Event("hold"));
        await opening;
      },
      times: 1,
    });

    const answer = fetch(url);
    const first = await Promise.race([isHeld, answer]);
    events.dispatchEvent(new Event("open"));

    expect(first).toBe("held");
    expect((await answer).status).toBe(200);
  });

  it("are all listed in faultTypes", () => {
    const names: Readonly<Record<FaultType, true>> = {
      id_token_claims: true,
      id_token_header: true,
      id_token_signature: true,
      id_token_wrong_hash: true,
      rotate_before_signing: true,
      key_set: true,
      discovery: true,
      token_response: true,
      token_error: true,
      authorization_response: true,
      authorization_error: true,
      userinfo: true,
      delay: true,
      down: true,
    };

    expect([...faultTypes].toSorted()).toEqual(Object.keys(names).toSorted());
  });
});

function signWith(name: string): ReturnType<typeof signIn> {
  const variant = signatureVariants.find((known) => known === name);
  if (variant === undefined) throw new Error(`No such variant: ${name}`);
  setFault({ type: "id_token_signature", variant, times: 1 });
  return signIn(emulator(), ada);
}
