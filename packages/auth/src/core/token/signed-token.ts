import { verify } from "node:crypto";
import { UnsecuredJWT, decodeProtectedHeader, errors } from "jose";
import type {
  JWSHeaderParameters,
  JWTPayload,
  ProtectedHeaderParameters,
} from "jose";
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
/** RFC 7518 §3.3. */
const minimumKeyBits = 2048;
const unexpectedForm = "it is not a signed JWT of the expected form";
/** The header `{"alg":"none"}`. */
const unsecuredHeader = "eyJhbGciOiJub25lIn0";

/** The three parts of a token, not yet decoded. */
interface TokenParts {
  readonly header: string;
  readonly payload: string;
  readonly signature: string;
}

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
  const header = requireHeader(token, kind);
  const parts = parseParts(token, kind);
  const signingKey = await findSigningKey(identityClient, header, parts, {
    kind,
    signal,
  });
  requireSignature(parts, signingKey, kind);
  return { payload: decodePayload(parts, kind, now()), signingKey };
}

async function findSigningKey(
  { identityProvider }: SignedTokenPorts["identityClient"],
  header: JWSHeaderParameters,
  { payload, signature }: TokenParts,
  {
    kind,
    signal,
  }: {
    readonly kind: SignedTokenKind;
    readonly signal: AbortSignal | undefined;
  },
): Promise<SigningKey> {
  try {
    const token = { payload, signature };
    return await identityProvider.findSigningKey(header, token, signal);
  } catch (error) {
    // The error for an unknown key is worded for an ID token. Every other error stays as it is.
    throw isAuthError(error) && error.code === "id_token_invalid"
      ? kind.refuse("no published key signed it", error)
      : error;
  }
}

function parseParts(token: string, kind: SignedTokenKind): TokenParts {
  const [, header, payload, signature] =
    /^([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(token) ?? [];
  if (header === undefined || payload === undefined || signature === undefined)
    throw kind.refuse(unexpectedForm);
  return { header, payload, signature };
}

/** By `verify` of Node, because jose verifies by WebCrypto, which takes three times the processor time. */
function requireSignature(
  { header, payload, signature }: TokenParts,
  { key }: SigningKey,
  kind: SignedTokenKind,
): void {
  const { modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (modulusLength < minimumKeyBits) throw kind.refuse("its key is too short");
  const isValid = verify(
    "RSA-SHA256",
    Buffer.from(`${header}.${payload}`),
    key,
    Buffer.from(signature, "base64url"),
  );
  if (!isValid) throw kind.refuse("its signature is wrong");
}

/** Decodes the payload, and checks `exp` and `nbf`. The signature was verified before, so jose needs none. */
function decodePayload(
  { payload }: TokenParts,
  kind: SignedTokenKind,
  now: Date,
): JWTPayload {
  try {
    return UnsecuredJWT.decode(`${unsecuredHeader}.${payload}.`, {
      clockTolerance: skewSeconds,
      currentDate: now,
    }).payload;
  } catch (error) {
    throw explainPayload(error, kind);
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
function requireHeader(
  token: string,
  kind: SignedTokenKind,
): ProtectedHeaderParameters & { readonly alg: string } {
  const header = readHeader(token, kind);
  const { alg, typ, crit } = header;
  if (alg !== signatureAlgorithm)
    throw kind.refuse("its signature algorithm is not RS256");
  // The same keys sign tokens of other types. They differ in `typ`.
  const isKind =
    typ === undefined
      ? kind.isTypeOptional
      : typeof typ === "string" && typ.toLowerCase() === kind.type;
  if (!isKind) throw kind.refuse("its type is not the expected one");
  // An extension that must be understood (RFC 7515 §4.1.11). We understand none.
  if (crit !== undefined) throw kind.refuse(unexpectedForm);
  return { ...header, alg };
}

function readHeader(
  token: string,
  kind: SignedTokenKind,
): ProtectedHeaderParameters {
  try {
    return decodeProtectedHeader(token);
  } catch (error) {
    throw kind.refuse("it is not a JWT", error);
  }
}

function explainPayload(
  error: unknown,
  { refuse }: SignedTokenKind,
): AuthError {
  if (error instanceof errors.JWTExpired)
    return refuse("it has expired", error);
  if (error instanceof errors.JWTClaimValidationFailed)
    return refuse(`${error.claim} is not acceptable`, error);
  return refuse(unexpectedForm, error);
}
