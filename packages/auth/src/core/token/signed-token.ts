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

/** Which token is expected, and the error that refuses it. */
export interface SignedTokenKind {
  /** What `typ` in the header must be, in lower case (RFC 8725 §3.11). */
  readonly type: string;
  /** Whether the header may have no `typ`. */
  readonly isTypeOptional: boolean;
  /** Creates the error for a failed check. */
  readonly refuse: (finding: string, cause?: unknown) => AuthError;
}

/** A token whose signature, `exp` and `nbf` are valid. Nothing else has been checked. */
export interface VerifiedToken {
  readonly payload: JWTPayload;
  readonly signingKey: SigningKey;
}

/** How much the identity provider's clock and ours may differ. */
export const skewSeconds = 300;

const signatureAlgorithm = "RS256";

/**
 * Verifies a token that the identity provider signed: only RS256, with a published key that the header's `kid` names. URLs
 * and keys in the header (`jku`, `jwk`, `x5u`) are never read. The signal ends the wait for the keys.
 *
 * @throws {AuthError} the error of `kind.refuse` if a check fails.
 * @throws {AuthError} `identity_provider_unavailable` if the keys cannot be read.
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

/** Returns whether the token is for this client and no other. */
export function isForClientAlone(
  { aud }: JWTPayload,
  clientId: string,
): boolean {
  const audiences = Array.isArray(aud) ? aud : [aud];
  return audiences.length === 1 && audiences[0] === clientId;
}

/** Checks the header before any key is looked up, so that a forged one causes no request to the identity provider. */
function requireHeader(token: string, kind: SignedTokenKind): void {
  const { alg, typ } = readHeader(token, kind);
  if (alg !== signatureAlgorithm)
    throw kind.refuse("its signature algorithm is not RS256");
  // The same keys sign tokens of other types. They differ in `typ`.
  const isKind =
    typ === undefined
      ? kind.isTypeOptional
      : typeof typ === "string" && typ.toLowerCase() === kind.type;
  if (!isKind) throw kind.refuse("its type is not the expected one");
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
  // The error for an unknown key is worded for an ID token. Every other AuthError stays as it is.
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
