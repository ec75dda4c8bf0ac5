import type { JWTPayload } from "jose";
import { AuthError } from "../error.js";
import { isGuid } from "../identifiers.js";
import type { ObjectId, TenantId } from "../identifiers.js";
import {
  fillIssuer,
  findVersion1Issuer,
  isTenantAllowed,
  mayHaveSigned,
  readIssuerTenant,
} from "../provider/tenant.js";
import type { TenantRule } from "../provider/tenant.js";
import { listTexts, readTexts } from "../text.js";
import { skewSeconds, verifySignedToken } from "./signed-token.js";
import type { SignedTokenPorts } from "./signed-token.js";

/** Who sent a request with a bearer token: a user through another application, or an application by itself. */
export type Bearer = BearerUser | BearerApplication;

/** What every bearer token says. */
interface BearerParts {
  readonly tenantId: string;
  /** The object ID of the user, or of the application's service principal, within the tenant. */
  readonly objectId: string;
  /** The client that the identity provider issued the token to. */
  readonly clientId: string;
  /** The app roles of this API that the user or application has. */
  readonly roles: readonly string[];
}

/** A user, for whom another application calls. */
export interface BearerUser extends BearerParts {
  readonly kind: "user";
  /** The delegated permissions of the calling application. */
  readonly scopes: readonly string[];
}

/** An application that calls without a user, such as a daemon. */
export interface BearerApplication extends BearerParts {
  readonly kind: "application";
}

/** What the access token must match. */
export interface BearerExpectation {
  readonly tenantRule: TenantRule;
  /** The accepted values of `aud`. */
  readonly audiences: readonly string[];
}

/** Creates the function that validates the access tokens of requests to this API. */
export function createBearerValidation(
  ports: SignedTokenPorts,
  tenantRule: TenantRule,
): (token: string, audiences?: readonly string[]) => Promise<Bearer> {
  const { clientId } = ports.identityClient;
  const own = [clientId, `api://${clientId}`];
  return (token, audiences = own) =>
    validateBearerToken(ports, token, { tenantRule, audiences });
}

const versions = ["1.0", "2.0"] as const;
type Version = (typeof versions)[number];

/**
 * Validates an access token that Entra issued for this API, of version 1.0 or 2.0: its signature, issuer, audience, times,
 * tenant, and whether it is an access token at all. An ID token is refused, although it can contain roles and is signed with
 * the same keys: it names no calling client.
 *
 * @throws {AuthError} `bearer_invalid` if any check fails; the message names the check, never a value.
 * @throws {AuthError} `identity_provider_unavailable` if the signing keys cannot be read.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068#section-4 | RFC 9068 §4}
 */
export async function validateBearerToken(
  ports: SignedTokenPorts,
  token: string,
  expectation: BearerExpectation,
): Promise<Bearer> {
  const { payload, signingKey } = await verifySignedToken(ports, token, {
    type: "jwt",
    isTypeOptional: true,
    refuse,
  });
  const version = requireVersion(payload);
  const tenantId = requireGuid(payload, "tid") as TenantId;
  const { identityProvider } = ports.identityClient;
  const { issuer } = await identityProvider.readMetadata();
  const iss = fillIssuer(issuer, tenantId);
  requireIssuer(
    payload,
    {
      "1.0": findVersion1Issuer(identityProvider.authority, tenantId),
      "2.0": iss,
    }[version],
  );
  // A version 1.0 issuer does not say which authority it belongs to, so this check ties the token to ours.
  if (readIssuerTenant(iss) !== tenantId)
    throw refuse("tid is not a tenant of the identity provider");
  // The key set states issuers of version 2.0, whatever the version of the token.
  if (!mayHaveSigned(signingKey, { iss }))
    throw refuse("its key belongs to another issuer");
  requireAudience(payload, expectation.audiences);
  requireTimes(payload, ports.now());
  // An access token is never issued in response to a nonce.
  if (payload["nonce"] !== undefined) throw refuse("it is an ID token");
  const parts = {
    tenantId,
    objectId: requireGuid(payload, "oid") as ObjectId,
    clientId: requireGuid(payload, version === "1.0" ? "appid" : "azp"),
    roles: readTexts(payload["roles"]),
  };
  if (!isTenantAllowed(tenantId, expectation.tenantRule))
    throw refuse("its organisation may not use this application");
  return addKind(payload, parts);
}

/** Which permissions a bearer token needs. */
export interface BearerRequirement {
  /** Delegated permissions, any of which is enough. They refuse applications, unless `roles` are given too. */
  readonly scopes?: readonly string[] | undefined;
  /** App roles, any of which is enough. If `scopes` are given too, they apply to applications only. */
  readonly roles?: readonly string[] | undefined;
}

/**
 * Requires a permission of the caller.
 *
 * @throws {AuthError} `scope_required`; `role_required`
 */
export function requirePermission(
  bearer: Bearer,
  { scopes, roles }: BearerRequirement,
): void {
  const needsScope =
    scopes !== undefined && (bearer.kind === "user" || roles === undefined);
  if (
    needsScope &&
    !hasAny(bearer.kind === "user" ? bearer.scopes : [], scopes)
  )
    throw new AuthError(
      "scope_required",
      `The access token needs one of these scopes: ${scopes.join(" ")}.`,
    );
  if (!needsScope && roles !== undefined && !hasAny(bearer.roles, roles))
    throw new AuthError(
      "role_required",
      `The access token needs one of these app roles: ${roles.join(", ")}.`,
    );
}

function hasAny(owned: readonly string[], wanted: readonly string[]): boolean {
  return wanted.some((name) => owned.includes(name));
}

/**
 * Scopes are given to a client that acts for a user. An application without a user has roles only. Without this check, an
 * application of the tenant gets a token for any API, with neither.
 */
function addKind(payload: JWTPayload, parts: BearerParts): Bearer {
  const { scp, idtyp } = payload;
  const scopes = typeof scp === "string" ? listTexts(scp.split(" ")) : [];
  if (scopes.length > 0 && idtyp !== "app")
    return { kind: "user", ...parts, scopes };
  if (scopes.length > 0 || idtyp === "user" || parts.roles.length === 0)
    throw refuse("it has neither scopes of a user nor roles of an application");
  return { kind: "application", ...parts };
}

function requireVersion({ ver }: JWTPayload): Version {
  const version = versions.find((known) => known === ver);
  if (version === undefined) throw refuse("ver is neither 1.0 nor 2.0");
  return version;
}

function requireGuid(
  payload: JWTPayload,
  claim: "tid" | "oid" | "azp" | "appid",
): string {
  const value = payload[claim];
  if (typeof value !== "string" || !isGuid(value))
    throw refuse(`${claim} is missing or not a GUID`);
  return value;
}

function requireIssuer({ iss }: JWTPayload, expected: string): void {
  if (iss !== expected) throw refuse("iss is not the identity provider's");
}

function requireAudience(
  { aud }: JWTPayload,
  audiences: readonly string[],
): void {
  if (typeof aud !== "string" || !audiences.includes(aud))
    throw refuse("aud is not this API");
}

/** `exp` and `nbf` were compared with the signature, if they are there. */
function requireTimes({ exp, iat }: JWTPayload, now: Date): void {
  if (exp === undefined) throw refuse("exp is missing");
  if (iat === undefined || iat > now.getTime() / 1000 + skewSeconds)
    throw refuse("iat is missing or in the future");
}

function refuse(finding: string, cause?: unknown): AuthError {
  return new AuthError(
    "bearer_invalid",
    `The access token was refused: ${finding}.`,
    { cause },
  );
}
