import { generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { CompactSign, type CompactJWSHeaderParameters } from "jose";
import type { AppRegistration, Tenant } from "../directory/directory.js";
import type { JsonObject, SignatureVariant } from "../faults/fault.js";
import type { SigningKey } from "../keys/signing-key.js";
import type { EmulatorState } from "../state/emulator-state.js";

/** A protected header. Faults may remove `kid` and add members. */
export type TokenHeader = JsonObject;

/** Signs a token for an app with the usual header and key. */
export async function signToken(
  state: EmulatorState,
  tenant: Tenant,
  audience: AppRegistration | undefined,
  claims: JsonObject,
): Promise<string> {
  const key = await appSigningKeyOf(state, tenant, audience);
  return signCompact(key.privateKey, idTokenHeader(key), claims);
}

/** Returns the key that signs the tenant's tokens. */
export function signingKeyOf(state: EmulatorState, tenant: Tenant): SigningKey {
  return state.keys.signingKey(
    tenant.kind === "consumer" ? "consumers" : "organizations",
  );
}

/** Returns the key that signs tokens for an app: its custom signing key, or else the tenant's key. */
export async function appSigningKeyOf(
  state: EmulatorState,
  tenant: Tenant,
  audience: AppRegistration | undefined,
): Promise<SigningKey> {
  return audience?.customSigningKey === true
    ? state.keys.appKey(audience.clientId)
    : signingKeyOf(state, tenant);
}

/** Returns the header of a v2.0 ID token, which has no `x5t`. */
export function idTokenHeader(key: SigningKey): TokenHeader {
  return { typ: "JWT", alg: "RS256", kid: key.kid };
}

/** Signs claims as a compact JWS (RFC 7515). The header's `alg` must match the key. */
export function signCompact(
  key: KeyObject | Uint8Array,
  header: TokenHeader,
  claims: JsonObject,
): Promise<string> {
  const alg = typeof header.alg === "string" ? header.alg : "RS256";
  const protectedHeader: CompactJWSHeaderParameters = { ...header, alg };
  return new CompactSign(Buffer.from(JSON.stringify(claims)))
    .setProtectedHeader(protectedHeader)
    .sign(key);
}

/** The token that is signed wrongly. */
export interface WrongSignatureRequest {
  readonly variant: SignatureVariant;
  readonly header: TokenHeader;
  readonly claims: JsonObject;
  readonly key: SigningKey;
  readonly clientSecret: string;
}

/** Signs a token wrongly. */
export function signWrongly(
  state: EmulatorState,
  request: WrongSignatureRequest,
): Promise<string> {
  return wrongSigners[request.variant](state, request);
}

type WrongSigner = (
  state: EmulatorState,
  request: WrongSignatureRequest,
) => Promise<string>;

const wrongSigners: Readonly<Record<SignatureVariant, WrongSigner>> = {
  none: (_, { header, claims }) =>
    Promise.resolve(`${encode({ ...header, alg: "none" })}.${encode(claims)}.`),
  hs256_client_secret: (_, { header, claims, clientSecret }) =>
    signCompact(Buffer.from(clientSecret), { ...header, alg: "HS256" }, claims),
  es256_other_key: async (_, { header, claims }) => {
    // Not `generateKeyPairSync`: jose exports the key, and in Node 20 the export of a key generated synchronously can
    // deadlock.
    const pair = await promisify(generateKeyPair)("ec", {
      namedCurve: "P-256",
    });
    return signCompact(pair.privateKey, { ...header, alg: "ES256" }, claims);
  },
  rs256_unpublished_key: ({ keys }, { header, claims }) =>
    signCompact(
      keys.unpublishedKey.privateKey,
      { ...header, kid: keys.unpublishedKey.kid },
      claims,
    ),
  rs256_unpublished_key_same_kid: ({ keys }, { header, claims }) =>
    signCompact(keys.unpublishedKey.privateKey, header, claims),
  consumer_key: ({ keys }, { header, claims }) => {
    const key = keys.signingKey("consumers");
    return signCompact(key.privateKey, { ...header, kid: key.kid }, claims);
  },
  altered_payload: async (_, { header, claims, key }) => {
    const [head, , signature] = (
      await signCompact(key.privateKey, header, claims)
    ).split(".");
    return `${head}.${encode({ ...claims, name: "Altered after signing" })}.${signature}`;
  },
  corrupt_signature: async (_, { header, claims, key }) => {
    const [head, payload, signature = ""] = (
      await signCompact(key.privateKey, header, claims)
    ).split(".");
    return `${head}.${payload}.${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
  },
};

function encode(object: JsonObject): string {
  return Buffer.from(JSON.stringify(object)).toString("base64url");
}
