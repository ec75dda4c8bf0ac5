import { AuthError } from "../error.js";
import type { TenantId } from "../identifiers.js";
import {
  isForClientAlone,
  skewSeconds,
  verifySignedToken,
} from "./signed-token.js";
import type { SignedTokenPorts } from "./signed-token.js";
import {
  matchesIssuer,
  mayHaveSigned,
  readIssuerTenant,
} from "../provider/tenant.js";

/** What a logout token signs out: a session of the identity provider, or all sessions of a user. */
export type LogoutTokenClaims = SignedOutSession | SignedOutPerson;

interface SignOutMoment {
  readonly tenantId: TenantId;
  /** Sessions that started until then are signed out: the time of the sign-out plus the allowed clock skew. */
  readonly startedUntil: Date;
}

/** A session of the identity provider, and its user if the token names one. */
interface SignedOutSession extends SignOutMoment {
  readonly providerSessionId: string;
  readonly subject: string | undefined;
}

/** All sessions of a user. */
interface SignedOutPerson extends SignOutMoment {
  readonly providerSessionId: undefined;
  readonly subject: string;
}

const logoutEvent = "http://schemas.openid.net/event/backchannel-logout";
const maximumNameLength = 255;

/**
 * Validates a logout token and returns what it signs out. A replayed token does no harm: it does not end sessions that
 * were started after it was issued.
 *
 * @throws {AuthError} `invalid_request` if any check fails.
 * @see {@link https://openid.net/specs/openid-connect-backchannel-1_0.html#Validation | Back-Channel Logout 1.0 §2.6}
 */
export async function validateLogoutToken(
  ports: SignedTokenPorts,
  logoutToken: string,
): Promise<LogoutTokenClaims> {
  const kind = { type: "logout+jwt", isTypeOptional: false, refuse };
  const { payload, signingKey } = await verifySignedToken(
    ports,
    logoutToken,
    kind,
  );
  const { identityProvider, clientId } = ports.identityClient;
  const { issuer } = await identityProvider.readMetadata();
  const { iss, iat, exp, jti } = payload;
  if (
    typeof iss !== "string" ||
    !matchesIssuer(iss, issuer) ||
    !mayHaveSigned(signingKey, { iss })
  ) {
    throw refuse("iss is not the identity provider's");
  }
  // A subject is unique only within its issuer, which in Entra is one organisation.
  const tenantId = readIssuerTenant(iss);
  if (tenantId === undefined) throw refuse("iss has no tenant");
  if (!isForClientAlone(payload, clientId))
    throw refuse("aud is not only this client");
  if (iat === undefined || iat > ports.now().getTime() / 1000 + skewSeconds)
    throw refuse("iat is missing or in the future");
  if (exp === undefined || typeof jti !== "string")
    throw refuse("exp or jti is missing");
  if (!isLogoutEvent(payload["events"]))
    throw refuse("it has no sign-out event");
  if (payload["nonce"] !== undefined)
    throw refuse("it has a nonce, like an ID token");
  const providerSessionId = readName(payload, "sid");
  const subject = readName(payload, "sub");
  const startedUntil = new Date((iat + skewSeconds) * 1000);
  if (providerSessionId !== undefined)
    return { tenantId, startedUntil, providerSessionId, subject };
  if (subject === undefined) throw refuse("sid and sub are missing");
  return { tenantId, startedUntil, providerSessionId, subject };
}

function readName(
  payload: Readonly<Record<string, unknown>>,
  claim: "sid" | "sub",
): string | undefined {
  const value = payload[claim];
  if (value === undefined) return undefined;
  if (
    typeof value !== "string" ||
    value === "" ||
    value.length > maximumNameLength
  )
    throw refuse(
      `${claim} is not a string of 1 to ${maximumNameLength} characters`,
    );
  return value;
}

function isLogoutEvent(events: unknown): boolean {
  if (typeof events !== "object" || events === null) return false;
  const event: unknown = Object.entries(events).find(
    ([name]) => name === logoutEvent,
  )?.[1];
  return typeof event === "object" && event !== null;
}

function refuse(finding: string, cause?: unknown): AuthError {
  return new AuthError(
    "invalid_request",
    `The logout token was refused: ${finding}.`,
    { cause },
  );
}
