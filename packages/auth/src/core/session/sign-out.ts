import type { Core } from "../core.js";
import type { SessionWithUser } from "../stores/session-store.js";
import { readTokenCache } from "../token/token-cache.js";
import type { ActiveSession } from "./active-session.js";
import { closeSessions } from "./session-end.js";
import { findSession } from "./session.js";

/** Signs users out. */
export interface SignOut {
  /**
   * Ends the session of this cookie, expired or not, and returns the URL that signs the browser out at the identity
   * provider. Returns the application's own signed-out page if the cookie is not valid or the provider is unreachable.
   *
   * @throws {AuthError} `store_unavailable`
   * @see {@link https://openid.net/specs/openid-connect-rpinitiated-1_0.html | RP-Initiated Logout 1.0}
   */
  endSession(cookie: string | undefined): Promise<string>;

  /**
   * Ends all sessions of the user, the current one included, and returns the same URL.
   *
   * @throws {AuthError} `not_signed_in` if the session has ended; `store_unavailable`
   */
  endAllSessions(active: ActiveSession): Promise<string>;
}

export function createSignOut(core: Core): SignOut {
  const { sessionStore, activeSessions, settings, report } = core;
  return {
    endSession: async (cookie) => {
      const stored = await findSession(core, cookie);
      if (stored === undefined) return settings.signedOutPage;
      const readIdToken = await prepareIdToken(core, stored);
      const { session } = stored;
      const hasEnded = await sessionStore.end(session.id);
      await closeSessions(
        core,
        report,
        hasEnded ? [session] : [],
        "signed_out",
      );
      return createLogoutUrl(core, stored, await readIdToken());
    },
    endAllSessions: async (active) => {
      const stored = await activeSessions.require(active);
      const readIdToken = await prepareIdToken(core, stored);
      const ended = await sessionStore.endAllOfUser(stored.user.id);
      await closeSessions(core, report, ended, "signed_out_everywhere");
      return createLogoutUrl(core, stored, await readIdToken());
    },
  };
}

/**
 * Reads the tokens of the session's account before they are deleted, if the sign-out sends an ID token. Returns a
 * function that finds the ID token in them. Call it after the session has ended, so that a failure does not prevent the
 * sign-out.
 */
async function prepareIdToken(
  core: Core,
  { session, user }: SessionWithUser,
): Promise<() => Promise<string | undefined>> {
  const { partitionKey } = session;
  if (!core.settings.sendsIdTokenHint || partitionKey === undefined)
    return async () => undefined;
  const opened = await orUndefined(() => readTokenCache(core, partitionKey));
  if (opened === undefined) return async () => undefined;
  const { tokenCache } = opened;
  const { tenantId } = user;
  return () =>
    orUndefined(() =>
      core.identityClient.readIdToken({ partitionKey, tenantId, tokenCache }),
    );
}

/**
 * Returns the URL that signs the browser out at the identity provider, or the signed-out page if the provider is
 * unreachable or has no such endpoint.
 *
 * @see {@link https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout | RP-Initiated Logout 1.0 §2}
 */
async function createLogoutUrl(
  { identityClient, settings }: Core,
  { session: { logoutHint } }: SessionWithUser,
  idToken: string | undefined,
): Promise<string> {
  const { signedOutPage } = settings;
  const metadata = await orUndefined(() =>
    identityClient.identityProvider.readMetadata(),
  );
  if (metadata?.endSessionEndpoint === undefined) return signedOutPage;
  const url = new URL(metadata.endSessionEndpoint);
  url.searchParams.set("client_id", identityClient.clientId);
  url.searchParams.set("post_logout_redirect_uri", signedOutPage);
  // With this hint, Entra signs the account out without showing its account picker.
  if (logoutHint !== undefined) url.searchParams.set("logout_hint", logoutHint);
  if (idToken !== undefined) url.searchParams.set("id_token_hint", idToken);
  return url.href;
}

async function orUndefined<Value>(
  read: () => Promise<Value>,
): Promise<Value | undefined> {
  try {
    return await read();
  } catch {
    return undefined;
  }
}
