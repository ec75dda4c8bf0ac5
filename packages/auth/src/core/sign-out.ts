import { isSameDigest } from "./digest.js";
import { AuthError } from "./error.js";
import type { AuthEventListener } from "./event.js";
import type { TenantId } from "./identifiers.js";
import { validateLogoutToken } from "./logout-token.js";
import type { EndedSession, Ports, SignedIn } from "./ports.js";
import { closeSessions } from "./session-end.js";
import { parseSessionToken } from "./session-token.js";
import { matchesIssuer, readIssuerTenant } from "./tenant.js";
import { readTokenCache } from "./token-cache.js";

export type SignOutPorts = Pick<
  Ports,
  "identityClient" | "sessionStore" | "tokenCacheStore" | "sealer" | "now"
>;

/** How the browser signs out at the identity provider. */
export interface SignOutOptions {
  /**
   * Whether the identity provider is handed the person's ID token as `id_token_hint`, for one that asks for it. The token
   * then passes through the browser's address bar, so leave this off with Entra ID, which does not need it.
   */
  readonly sendsIdTokenHint?: boolean;
}

/** A session that its own browser has ended, and what the identity provider may be told of it. */
export interface SignedOut {
  readonly signedIn: SignedIn;
  readonly idToken: string | undefined;
}

/**
 * Ends the session of this cookie, expired or not, and answers it; `undefined` if the cookie is no session's. Knowing a
 * session's ID is not enough to end it.
 */
export async function endSession(
  ports: SignOutPorts,
  report: AuthEventListener,
  options: SignOutOptions,
  cookie: string | undefined,
): Promise<SignedOut | undefined> {
  const token = parseSessionToken(cookie);
  if (token === undefined) return undefined;
  const signedIn = await ports.sessionStore.find(token.sessionId);
  if (
    signedIn === undefined ||
    !isSameDigest(token.secretDigest, signedIn.session.secretDigest)
  )
    return undefined;

  const idToken = await readIdToken(ports, options, signedIn);
  const { session } = signedIn;
  const wasThere = await ports.sessionStore.end(session.id);
  await closeSessions(ports, report, wasThere ? [session] : [], "signed_out");
  return { signedIn, idToken };
}

/** Answers the ID token of the session's account where the identity provider shall be handed it. */
export async function readIdToken(
  ports: SignOutPorts,
  { sendsIdTokenHint = false }: SignOutOptions,
  { session, user }: SignedIn,
): Promise<string | undefined> {
  const { partitionKey } = session;
  if (!sendsIdTokenHint || partitionKey === undefined) return undefined;
  const opened = await readTokenCache(ports, partitionKey);
  if (opened === undefined) return undefined;
  return ports.identityClient.readIdToken({
    partitionKey,
    tenantId: user.tenantId,
    tokenCache: opened.tokenCache,
  });
}

/**
 * Answers where the browser signs out at the identity provider. The local end has happened already, so a provider that
 * cannot be asked only means that the visitor goes straight to `startPage`.
 *
 * @see {@link https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout | RP-Initiated Logout 1.0 §2}
 */
export async function createLogoutUrl(
  { identityClient }: Pick<SignOutPorts, "identityClient">,
  { signedIn, idToken }: SignedOut,
  startPage: string,
): Promise<string> {
  const endpoint = await readEndSessionEndpoint(identityClient);
  if (endpoint === undefined) return startPage;
  const url = new URL(endpoint);
  url.searchParams.set("client_id", identityClient.clientId);
  url.searchParams.set("post_logout_redirect_uri", startPage);
  // Entra signs this account out without showing its account picker.
  const { logoutHint } = signedIn.session;
  if (logoutHint !== undefined) url.searchParams.set("logout_hint", logoutHint);
  if (idToken !== undefined) url.searchParams.set("id_token_hint", idToken);
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
 * Ends every session that was signed in within a session of the identity provider: front-channel sign-out. Entra names
 * no issuer; where one is named, it has to be the identity provider's, and only sessions of its organisation end.
 *
 * @throws {AuthError} `invalid_request` if the issuer is another; `identity_provider_unavailable`
 * @see {@link https://openid.net/specs/openid-connect-frontchannel-1_0.html#RPLogout | Front-Channel Logout 1.0 §2}
 */
export async function endProviderSession(
  ports: SignOutPorts,
  report: AuthEventListener,
  providerSessionId: string,
  issuer: string | undefined,
): Promise<void> {
  const tenantId =
    issuer === undefined ? undefined : await requireTenant(ports, issuer);
  const ended = await ports.sessionStore.endByProviderSession(
    providerSessionId,
    { tenantId, subject: undefined, startedUntil: undefined },
  );
  await closeSessions(ports, report, ended, "provider_signed_out");
}

/**
 * Ends every session that a logout token names, by the identity provider's session or by the person: back-channel
 * sign-out.
 *
 * @throws {AuthError} `invalid_request` if the token is not acceptable.
 * @see {@link https://openid.net/specs/openid-connect-backchannel-1_0.html#BCActions | Back-Channel Logout 1.0 §2.7}
 */
export async function endByLogoutToken(
  ports: SignOutPorts,
  report: AuthEventListener,
  logoutToken: string,
): Promise<void> {
  const claims = await validateLogoutToken(ports, logoutToken);
  const ended = await endNamed(ports, claims);
  await closeSessions(ports, report, ended, "provider_signed_out");
}

async function endNamed(
  { sessionStore }: SignOutPorts,
  claims: Awaited<ReturnType<typeof validateLogoutToken>>,
): Promise<readonly EndedSession[]> {
  const { providerSessionId, subject, tenantId, startedUntil } = claims;
  return providerSessionId === undefined
    ? sessionStore.endBySubject(tenantId, subject, startedUntil)
    : sessionStore.endByProviderSession(providerSessionId, {
        tenantId,
        subject,
        startedUntil,
      });
}

/** Answers the tenant of the issuer, which has to be the identity provider's. */
async function requireTenant(
  { identityClient }: Pick<SignOutPorts, "identityClient">,
  iss: string,
): Promise<TenantId | undefined> {
  const { issuer } = await identityClient.identityProvider.readMetadata();
  if (!matchesIssuer(iss, issuer))
    throw new AuthError(
      "invalid_request",
      "The sign-out names another issuer than the identity provider's.",
    );
  return readIssuerTenant(iss);
}
