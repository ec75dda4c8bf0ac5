import { AuthError } from "./error.js";
import { skewSeconds, verifySignedToken } from "./signed-token.js";
import type { SignedTokenPorts } from "./signed-token.js";
import { matchesIssuer, mayHaveSigned } from "./tenant.js";

const logoutEvent = "http://schemas.openid.net/event/backchannel-logout";

/**
 * Validates a logout token and answers the identity provider's session that it ends.
 *
 * @throws {AuthError} `invalid_request` if the token is not acceptable.
 * @see {@link https://openid.net/specs/openid-connect-backchannel-1_0.html#Validation | Back-Channel Logout 1.0 §2.6}
 */
export async function validateLogoutToken(
  ports: SignedTokenPorts,
  logoutToken: string,
): Promise<string> {
  const kind = { types: ["logout+jwt", "jwt"], refuse };
  const { payload, signingKey } = await verifySignedToken(
    ports,
    logoutToken,
    kind,
  );
  const { identityProvider, clientId } = ports.identityClient;
  const { issuer } = await identityProvider.readMetadata();
  const { iss, aud, iat, exp, jti } = payload;
  if (
    iss === undefined ||
    !matchesIssuer(iss, issuer) ||
    !mayHaveSigned(signingKey, { iss })
  ) {
    throw refuse("iss is not the identity provider's");
  }
  const audiences = [aud ?? []].flat();
  if (audiences.length !== 1 || audiences[0] !== clientId)
    throw refuse("aud is not this client alone");
  if (iat === undefined || iat > ports.now().getTime() / 1000 + skewSeconds)
    throw refuse("iat is missing or to come");
  if (exp === undefined || typeof jti !== "string")
    throw refuse("exp or jti is missing");
  if (!isLogoutEvent(payload["events"]))
    throw refuse("it tells of no sign-out");
  if (payload["nonce"] !== undefined)
    throw refuse("it has a nonce, as an ID token has");
  const sid = payload["sid"];
  if (typeof sid !== "string" || sid === "") throw refuse("sid is missing");
  return sid;
}

function isLogoutEvent(events: unknown): boolean {
  if (
    typeof events !== "object" ||
    events === null ||
    !Object.hasOwn(events, logoutEvent)
  )
    return false;
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
