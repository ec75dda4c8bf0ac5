/**
 * Returns the URL or form without `offline_access` among its scopes. MSAL asks for it always and has no option for that;
 * an application that wants no access token wants no refresh token either.
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

/** Returns a `fetch` that sends every form without `offline_access` among its scopes. */
export function createOnlineFetch(send: typeof fetch): typeof fetch {
  return (input, init) =>
    typeof init?.body === "string"
      ? send(input, { ...init, body: withoutOfflineAccess(init.body) })
      : send(input, init);
}
