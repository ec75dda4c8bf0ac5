import { decodeProtectedHeader, errors, jwtVerify } from "jose";
import type { FlattenedJWSInput, JWSHeaderParameters, JWTPayload } from "jose";
import { isAuthError } from "../error.js";
import type { AuthError } from "../error.js";
import type { SigningKey } from "../provider/identity-provider.js";
import type { IdentityClient } from "../provider/identity-client.js";

export interface SignedTokenPorts {
  readonly identityClient: Pick<
    IdentityClient,
    "clientId" | "identityProvider"
  >;
  readonly now: () => Date;
}

/** Which token is expected, and how its refusal is told. */
export interface SignedTokenKind {
  /** What `typ` in the header has to be, in lower case (RFC 8725 §3.11). */
  readonly type: string;
  /** Whether the header may lack it. */
  readonly isTypeOptional: boolean;
  /** Makes the error of a finding. */
  readonly refuse: (finding: string, cause?: unknown) => AuthError;
}

/** A token whose signature, `exp` and `nbf` are in order. Nothing else has been checked. */
export interface VerifiedToken {
  readonly payload: JWTPayload;
  readonly signingKey: SigningKey;
}

/** How far the identity provider's clock and ours may be apart. */
export const skewSeconds = 300;

const signatureAlgorithm = "RS256";

/**
 * Verifies a token that the identity provider has signed: RS256 alone, by a key that it publishes and the header's `kid`
 * names. Addresses and keys in the header (`jku`, `jwk`, `x5u`) are never read.
 *
 * The signal ends the wait for the keys.
 *
 * @throws {AuthError} what `kind.refuse` makes; `identity_provider_unavailable` if the keys cannot be read.
 */
export async function verifySignedToken(
  { identityClient, now }: SignedTokenPorts,
  token: string,
  kind: SignedTokenKind,
  signal?: AbortSignal,
): Promise<VerifiedToken> {
  requireHeader(token, kind);
  let signingKey: SigningKey | undefined;
  const findKey = async (
    header: JWSHeaderParameters,
    input: FlattenedJWSInput,
  ) => {
    signingKey = await identityClient.identityProvider.findSigningKey(
      header,
      input,
      signal,
    );
    return signingKey.key;
  };
  try {
    const { payload } = await jwtVerify(token, findKey, {
      algorithms: [signatureAlgorithm],
      clockTolerance: skewSeconds,
      currentDate: now(),
    });
    if (signingKey === undefined)
      throw kind.refuse("its signature was not checked");
    return { payload, signingKey };
  } catch (error) {
    throw toAuthError(error, kind);
  }
}

/** Returns whether the token was made for this client, and for nobody besides. */
export function isForClientAlone(
  { aud }: JWTPayload,
  clientId: string,
): boolean {
  const audiences = Array.isArray(aud) ? aud : [aud];
  return audiences.length === 1 && audiences[0] === clientId;
}

/** Refuses before any key is looked up, so that a forged header costs the identity provider nothing. */
function requireHeader(token: string, kind: SignedTokenKind): void {
  const { alg, typ } = readHeader(token, kind);
  if (alg !== signatureAlgorithm)
    throw kind.refuse("its signature algorithm is not RS256");
  // Tokens of other kinds are signed by the same keys, and say in `typ` that they are something else.
  const isKind =
    typ === undefined
      ? kind.isTypeOptional
      : typeof typ === "string" && typ.toLowerCase() === kind.type;
  if (!isKind) throw kind.refuse("its type is another");
}

function readHeader(
  token: string,
  kind: SignedTokenKind,
): { readonly alg?: unknown; readonly typ?: unknown } {
  try {
    return decodeProtectedHeader(token);
  } catch (error) {
    throw kind.refuse("it is not a JWT", error);
  }
}

function toAuthError(error: unknown, { refuse }: SignedTokenKind): AuthError {
  // An unknown key says "no such key" in the words of an ID token; every other error of ours stays what it is.
  if (isAuthError(error))
    return error.code === "id_token_invalid"
      ? refuse("no published key signed it", error)
      : error;
  if (error instanceof errors.JWTExpired)
    return refuse("it has expired", error);
  if (error instanceof errors.JWTClaimValidationFailed)
    return refuse(`${error.claim} is not acceptable`, error);
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return refuse("its signature is wrong", error);
  return refuse("it is not a signed JWT of the expected form", error);
}
