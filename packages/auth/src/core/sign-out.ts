import { isSameDigest } from "./digest.js";
import { AuthError } from "./error.js";
import type { Ports, Session } from "./ports.js";
import { parseSessionToken } from "./session-token.js";
import { matchesIssuer } from "./tenant.js";

export type SignOutPorts = Pick<
  Ports,
  "identityClient" | "sessionStore" | "tokenCacheStore"
>;

/**
 * Ends the session of this cookie, expired or not, and answers it; `undefined` if the cookie is no session's. Knowing a
 * session's ID is not enough to end it.
 */
export async function endSession(
  ports: SignOutPorts,
  cookie: string | undefined,
): Promise<Session | undefined> {
  const token = cookie === undefined ? undefined : parseSessionToken(cookie);
  if (token === undefined) return undefined;
  const session = (await ports.sessionStore.find(token.sessionId))?.session;
  if (
    session === undefined ||
    !isSameDigest(token.secretDigest, session.secretDigest)
  )
    return undefined;

  await ports.sessionStore.end(session.id);
  if (session.partitionKey !== undefined)
    await ports.tokenCacheStore.deleteUnused(session.partitionKey);
  return session;
}

/**
 * Answers where the browser signs out at the identity provider. The local end has happened already, so a provider that
 * cannot be asked only means that the visitor goes straight to `startPage`.
 *
 * @see {@link https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout | RP-Initiated Logout 1.0 §2}
 */
export async function createLogoutUrl(
  { identityClient }: Pick<SignOutPorts, "identityClient">,
  { logoutHint }: Pick<Session, "logoutHint">,
  startPage: string,
): Promise<string> {
  const endpoint = await readEndSessionEndpoint(identityClient);
  if (endpoint === undefined) return startPage;
  const url = new URL(endpoint);
  url.searchParams.set("client_id", identityClient.clientId);
  url.searchParams.set("post_logout_redirect_uri", startPage);
  // Entra signs this account out without showing its account picker.
  if (logoutHint !== undefined) url.searchParams.set("logout_hint", logoutHint);
  return url.href;
}

async function readEndSessionEndpoint({
  identityProvider,
}: Ports["identityClient"]): Promise<string | undefined> {
  try {
    return (await identityProvider.readMetadata()).endSessionEndpoint;
  } catch {
    return undefined;
  }
}

/**
 * Refuses a front-channel sign-out in another issuer's name.
 *
 * @throws {AuthError} `invalid_request`, `identity_provider_unavailable`
 * @see {@link https://openid.net/specs/openid-connect-frontchannel-1_0.html#RPLogout | Front-Channel Logout 1.0 §2}
 */
export async function requireIssuer(
  { identityClient }: Pick<SignOutPorts, "identityClient">,
  iss: string,
): Promise<void> {
  const { issuer } = await identityClient.identityProvider.readMetadata();
  if (!matchesIssuer(iss, issuer))
    throw new AuthError(
      "invalid_request",
      "The sign-out names another issuer than the identity provider's.",
    );
}
