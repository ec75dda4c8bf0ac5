import type { SendToProvider } from "../core/provider/provider-request.js";

/**
 * Returns the URL or form without `offline_access` in its scopes. MSAL always adds it and has no option for that. An
 * application that requests no access token needs no refresh token.
 *
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#OfflineAccess | OpenID Connect Core §11}
 */
export function withoutOfflineAccess(encoded: string): string {
  return encoded.replace(/(?<=(?:^|[?&])scope=)[^&#]*/, (scopes) =>
    scopes
      .split(/%20|\+/)
      .filter((scope) => scope !== "offline_access")
      .join("%20"),
  );
}

/** Returns a function that removes `offline_access` from the scopes of every form before it sends the request. */
export function createOnlineSender(send: SendToProvider): SendToProvider {
  return (url, { body, ...request }) =>
    send(url, {
      ...request,
      body: body === undefined ? undefined : withoutOfflineAccess(body),
    });
}
