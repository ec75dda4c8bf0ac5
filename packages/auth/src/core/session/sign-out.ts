import { AuthError } from "../error.js";
import type { AuthEventListener } from "../event.js";
import type { TenantId } from "../identifiers.js";
import { validateLogoutToken } from "../token/logout-token.js";
import type { EndedSession, SessionWithUser } from "../stores/session-store.js";
import type { Ports } from "../ports.js";
import { closeSessions } from "./session-end.js";
import { findSession } from "./session.js";
import { matchesIssuer, readIssuerTenant } from "../provider/tenant.js";
import { readTokenCache } from "../token/token-cache.js";

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
  readonly sendsIdTokenHint?: boolean | undefined;
  /**
   * Whether a sign-out makes the browser delete what scripts of the application's origin have stored
   * (`Clear-Site-Data: "storage"`). Every application on that origin is affected. Defaults to false.
   */
  readonly clearsStorage?: boolean | undefined;
}

/** A session that its own browser has ended, and what the identity provider may be told of it. */
export interface SignedOut {
  readonly signedIn: SessionWithUser;
  readonly idToken: string | undefined;
}

/**
 * Ends the session of this cookie, expired or not, and returns it; `undefined` if the cookie is no session's. Knowing a
 * session's ID is not enough to end it.
 */
export async function endSession(
  ports: SignOutPorts,
  report: AuthEventListener,
  options: SignOutOptions,
  cookie: string | undefined,
): Promise<SignedOut | undefined> {
  const signedIn = await findSession(ports, cookie);
  if (signedIn === undefined) return undefined;

  const readIdToken = await prepareIdToken(ports, options, signedIn);
  const { session } = signedIn;
  const wasThere = await ports.sessionStore.end(session.id);
  await closeSessions(ports, report, wasThere ? [session] : [], "signed_out");
  return { signedIn, idToken: await readIdToken() };
}

/**
 * Takes the tokens of the session's account out of the store, where the identity provider shall be handed its ID token,
 * while they are still there. What is answered then finds the ID token in them, and is called once the session has ended:
 * nobody stays signed in because a hint is not to be had.
 */
export async function prepareIdToken(
  ports: SignOutPorts,
  { sendsIdTokenHint = false }: SignOutOptions,
  { session, user }: SessionWithUser,
): Promise<() => Promise<string | undefined>> {
  const { partitionKey } = session;
  if (!sendsIdTokenHint || partitionKey === undefined)
    return async () => undefined;
  const opened = await orNothing(() => readTokenCache(ports, partitionKey));
  if (opened === undefined) return async () => undefined;
  const { tokenCache } = opened;
  const { tenantId } = user;
  const { identityClient } = ports;
  return () =>
    orNothing(() =>
      identityClient.readIdToken({ partitionKey, tenantId, tokenCache }),
    );
}

/** Returns what is read, or `undefined` where reading fails. */
async function orNothing<Value>(
  read: () => Promise<Value>,
): Promise<Value | undefined> {
  try {
    return await read();
  } catch {
    return undefined;
  }
}

/**
 * Returns where the browser signs out at the identity provider. The local end has happened already, so a provider that
 * cannot be asked only means that the visitor goes straight to `signedOutPage`.
 *
 * @see {@link https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout | RP-Initiated Logout 1.0 §2}
 */
export async function createLogoutUrl(
  { identityClient }: Pick<SignOutPorts, "identityClient">,
  { signedIn, idToken }: SignedOut,
  signedOutPage: string,
): Promise<string> {
  const metadata = await orNothing(() =>
    identityClient.identityProvider.readMetadata(),
  );
  if (metadata?.endSessionEndpoint === undefined) return signedOutPage;
  const url = new URL(metadata.endSessionEndpoint);
  url.searchParams.set("client_id", identityClient.clientId);
  url.searchParams.set("post_logout_redirect_uri", signedOutPage);
  // Entra signs this account out without showing its account picker.
  const { logoutHint } = signedIn.session;
  if (logoutHint !== undefined) url.searchParams.set("logout_hint", logoutHint);
  if (idToken !== undefined) url.searchParams.set("id_token_hint", idToken);
  return url.href;
}

/**
 * Ends every session that was signed in within a session of the identity provider: front-channel sign-out. Entra names
 * no issuer; where one is named, it has to be the identity provider's, and only sessions of its organisation end. Returns
 * whether there was one.
 *
 * @throws {AuthError} `invalid_request` if the issuer is another; `identity_provider_unavailable`
 * @see {@link https://openid.net/specs/openid-connect-frontchannel-1_0.html#RPLogout | Front-Channel Logout 1.0 §2}
 */
export async function endProviderSession(
  ports: SignOutPorts,
  report: AuthEventListener,
  providerSessionId: string,
  issuer: string | undefined,
): Promise<boolean> {
  const tenantId =
    issuer === undefined ? undefined : await requireTenant(ports, issuer);
  const ended = await ports.sessionStore.endByProviderSession(
    providerSessionId,
    { tenantId, subject: undefined, startedUntil: undefined },
  );
  await closeSessions(ports, report, ended, "provider_signed_out");
  return ended.length > 0;
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

/** Returns the tenant of the issuer, which has to be the identity provider's. */
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
