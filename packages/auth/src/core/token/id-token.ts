import { createHash } from "node:crypto";
import type { JWTPayload } from "jose";
import { describeWrongClock } from "../provider/clock-finding.js";
import { AuthError } from "../error.js";
import { isGuid } from "../identifiers.js";
import type { AccessToken, Nonce } from "../identifiers.js";
import {
  isForClientAlone,
  skewSeconds,
  verifySignedToken,
} from "./signed-token.js";
import type { SignedTokenPorts } from "./signed-token.js";
import {
  fillIssuer,
  isTenantAllowed,
  mayHaveSigned,
  readIssuerTenant,
} from "../provider/tenant.js";
import type { TenantRule } from "../provider/tenant.js";

/** The claims of a validated ID token. The named ones are present and of the right type. */
export interface IdTokenClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string;
  readonly exp: number;
  readonly iat: number;
  /** The tenant ID. */
  readonly tid: string;
  /** The object ID of the user within the tenant. */
  readonly oid: string;
  /** When the user authenticated, in seconds since 1970; only if the identity provider sends it. */
  readonly auth_time?: number | undefined;
  readonly [claim: string]: unknown;
}

/** Values of the sign-in's ID token that a refreshed ID token may repeat but not change. */
export interface OriginalSignIn {
  readonly nonce: Nonce | undefined;
  readonly authTime: number | undefined;
}

/** What the ID token must match. */
export interface IdTokenExpectation {
  readonly tenantRule: TenantRule;
  /** The flow's nonce; `undefined` for a refreshed ID token, which may have none (OpenID Connect Core §12.2). */
  readonly nonce: Nonce | undefined;
  /** For a refreshed ID token: the sign-in that it continues. */
  readonly original?: OriginalSignIn | undefined;
  /** The access token of the same response, for `at_hash`. */
  readonly accessToken: AccessToken;
  /** The issuer, or template, that the flow was initiated with. */
  readonly issuer: string;
  /** The maximum age of the authentication; `undefined` if the flow did not set `max_age`. */
  readonly maxAgeSeconds?: number | undefined;
  /** Ends the wait for the signing keys. */
  readonly signal?: AbortSignal | undefined;
}

const maximumSubjectLength = 255;

/**
 * Validates an ID token: its signature, every step of OpenID Connect Core §3.1.3.7, and Entra's own rules. MSAL Node checks
 * none of this.
 *
 * @throws {AuthError} `id_token_invalid` if any check fails; the message names the check, never a value.
 * @throws {AuthError} `tenant_not_allowed` if the token is valid but its organisation may not sign in.
 * @throws {AuthError} `identity_provider_unavailable` if the signing keys cannot be read.
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation | OpenID Connect Core §3.1.3.7}
 */
export async function validateIdToken(
  ports: SignedTokenPorts,
  idToken: string,
  expectation: IdTokenExpectation,
): Promise<IdTokenClaims> {
  const now = ports.now();
  const { payload, signingKey } = await verifySignedToken(
    ports,
    idToken,
    {
      type: "jwt",
      isTypeOptional: true,
      refuse: (finding, cause) =>
        invalid(finding + describeWrongClock(cause, now), cause),
    },
    expectation.signal,
  );
  const claims = requireClaims(payload, ports.identityClient.clientId);
  requireIssuer(claims, expectation.issuer);
  if (!mayHaveSigned(signingKey, claims))
    throw invalid("its key belongs to another issuer");
  requireTimes(claims, now);
  requireNonce(claims, expectation);
  requireSameAuthentication(claims, expectation.original);
  if (expectation.maxAgeSeconds !== undefined)
    requireRecentAuthentication(claims, expectation.maxAgeSeconds, now);
  requireAccessTokenHash(claims, expectation.accessToken);

  if (!isTenantAllowed(claims.tid, expectation.tenantRule)) {
    throw new AuthError(
      "tenant_not_allowed",
      "Accounts of this organisation may not sign in to this application.",
    );
  }
  return claims;
}

/** Steps 3 to 5: the token is for this client only. It also has all claims that identify a user. */
function requireClaims(payload: JWTPayload, clientId: string): IdTokenClaims {
  const { iss, sub, exp, iat, tid, oid, auth_time } = payload;
  if (typeof iss !== "string") throw invalid("iss is missing");
  if (
    typeof sub !== "string" ||
    sub === "" ||
    sub.length > maximumSubjectLength
  )
    throw invalid("sub is missing");
  if (!isForClientAlone(payload, clientId))
    throw invalid("aud is not only this client");
  if (payload["azp"] !== undefined && payload["azp"] !== clientId)
    throw invalid("azp is not this client");
  if (typeof exp !== "number") throw invalid("exp is missing");
  if (typeof iat !== "number") throw invalid("iat is missing");
  if (typeof tid !== "string" || !isGuid(tid))
    throw invalid("tid is missing or not a GUID");
  if (typeof oid !== "string" || !isGuid(oid))
    throw invalid("oid is missing or not a GUID");
  if (auth_time !== undefined && typeof auth_time !== "number")
    throw invalid("auth_time is not a number");
  return {
    ...payload,
    iss,
    sub,
    aud: clientId,
    exp,
    iat,
    tid,
    oid,
    auth_time,
  };
}

/** Step 2, and Entra's rule: the tenant of the issuer is the tenant of the token. */
function requireIssuer(claims: IdTokenClaims, issuer: string): void {
  if (claims.iss !== fillIssuer(issuer, claims.tid))
    throw invalid("iss is not the identity provider's");
  if (readIssuerTenant(claims.iss) !== claims.tid)
    throw invalid("tid is not the tenant of iss");
}

/** Step 10. `exp` and `nbf` were checked with the signature. */
function requireTimes(claims: IdTokenClaims, now: Date): void {
  if (claims.iat > now.getTime() / 1000 + skewSeconds)
    throw invalid(`iat lies in the future${describeWrongClock(claims, now)}`);
}

/** Step 11. A refreshed ID token may repeat the nonce of its sign-in or have none. */
function requireNonce(
  { nonce }: IdTokenClaims,
  expectation: IdTokenExpectation,
): void {
  const isRight =
    nonce === expectation.nonce ||
    (expectation.nonce === undefined && nonce === expectation.original?.nonce);
  if (!isRight) throw invalid("nonce is not the flow's");
}

/** §12.2: a refresh is not an authentication, so it does not change `auth_time`. */
function requireSameAuthentication(
  { auth_time }: IdTokenClaims,
  original: OriginalSignIn | undefined,
): void {
  const before = original?.authTime;
  if (before !== undefined && auth_time !== undefined && auth_time !== before)
    throw invalid("auth_time is not that of the sign-in");
}

/** Step 13: a client that asks for a recent authentication must check `auth_time`. */
function requireRecentAuthentication(
  { auth_time }: IdTokenClaims,
  maxAgeSeconds: number,
  now: Date,
): void {
  if (auth_time === undefined)
    throw invalid(
      "auth_time is missing, which a sign-in with max_age needs: add this optional claim to the registration",
    );
  const nowSeconds = now.getTime() / 1000;
  if (auth_time > nowSeconds + skewSeconds)
    throw invalid("auth_time lies in the future");
  if (nowSeconds - auth_time > maxAgeSeconds + skewSeconds)
    throw invalid("auth_time is longer ago than max_age");
}

/** OpenID Connect Core §3.1.3.8: the claim is optional, but must be right if it is present. */
function requireAccessTokenHash(
  claims: IdTokenClaims,
  accessToken: AccessToken,
): void {
  if (claims["at_hash"] === undefined) return;
  const expected = createHash("sha256")
    .update(accessToken)
    .digest()
    .subarray(0, 16)
    .toString("base64url");
  if (claims["at_hash"] !== expected)
    throw invalid("at_hash is not the access token's");
}

function invalid(finding: string, cause?: unknown): AuthError {
  return new AuthError(
    "id_token_invalid",
    `The identity provider's ID token was refused: ${finding}.`,
    { cause },
  );
}
