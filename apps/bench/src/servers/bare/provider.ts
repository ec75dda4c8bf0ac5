import { createPublicKey, verify } from "node:crypto";
import type { JsonWebKey, KeyObject } from "node:crypto";
import { registration, tenantUrlOf } from "../../provider/registration.js";
import { provider, redirectUri } from "../environment.js";
import { requestJson } from "../keep-alive-client.js";
import type { Flow, Profile } from "./store.js";

const { clientId, clientSecret, tenantId } = registration;
const tenantUrl = tenantUrlOf(provider);
const keys = new Map<string, KeyObject>();

interface Claims {
  readonly iss?: unknown;
  readonly aud?: unknown;
  readonly tid?: unknown;
  readonly exp?: unknown;
  readonly nbf?: unknown;
  readonly nonce?: unknown;
  readonly oid?: unknown;
  readonly name?: unknown;
  readonly preferred_username?: unknown;
}

/** Returns the URL at which the person signs in. */
export function createAuthorizationUrl(
  { state, nonce }: Flow,
  codeChallenge: string,
): string {
  return `${tenantUrl}/oauth2/v2.0/authorize?client_id=${clientId}&response_type=code&response_mode=query&scope=openid%20profile&redirect_uri=${encodeURIComponent(redirectUri)}&state=${state}&nonce=${nonce}&code_challenge=${codeChallenge}&code_challenge_method=S256`;
}

/** Exchanges the code and verifies the ID token. @throws {Error} if anything does not match. */
export async function exchangeCode(flow: Flow, code: string): Promise<Profile> {
  const { status, body } = await requestJson(`${tenantUrl}/oauth2/v2.0/token`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: `grant_type=authorization_code&client_id=${clientId}&client_secret=${clientSecret}&redirect_uri=${encodeURIComponent(redirectUri)}&code=${encodeURIComponent(code)}&code_verifier=${flow.codeVerifier}`,
  });
  if (status !== 200) throw new Error(`The provider responded with ${status}.`);
  return toProfile(await verifyIdToken(String(body["id_token"])), flow);
}

async function verifyIdToken(idToken: string): Promise<Claims> {
  const [header = "", payload = "", signature = ""] = idToken.split(".");
  const { alg, kid } = JSON.parse(Buffer.from(header, "base64url").toString());
  if (alg !== "RS256") throw new Error("The algorithm is not RS256.");
  const isValid = verify(
    "sha256",
    Buffer.from(`${header}.${payload}`),
    keys.get(kid) ?? (await fetchKey(kid)),
    Buffer.from(signature, "base64url"),
  );
  if (!isValid) throw new Error("The signature is not valid.");
  return JSON.parse(Buffer.from(payload, "base64url").toString());
}

async function fetchKey(kid: unknown): Promise<KeyObject> {
  const { body } = await requestJson(`${tenantUrl}/discovery/v2.0/keys`);
  const published: unknown = body["keys"];
  if (!Array.isArray(published)) throw new Error("There are no keys.");
  for (const jwk of published) keys.set(jwk.kid, importKey(jwk));
  const key = keys.get(String(kid));
  if (key === undefined) throw new Error("The key is unknown.");
  return key;
}

function importKey(key: JsonWebKey): KeyObject {
  return createPublicKey({ key, format: "jwk" });
}

function toProfile(claims: Claims, { nonce }: Flow): Profile {
  const now = Date.now() / 1000;
  if (
    claims.iss !== `${tenantUrl}/v2.0` ||
    claims.aud !== clientId ||
    claims.tid !== tenantId ||
    claims.nonce !== nonce ||
    !(Number(claims.exp) > now) ||
    !(Number(claims.nbf) <= now) ||
    typeof claims.oid !== "string"
  )
    throw new Error("The claims are not valid.");
  return {
    tenantId,
    objectId: claims.oid,
    name: String(claims.name),
    userName: String(claims.preferred_username),
  };
}
