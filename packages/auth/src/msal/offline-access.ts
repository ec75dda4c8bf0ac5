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

/** Returns a `fetch` that removes `offline_access` from the scopes of every form. */
export function createOnlineFetch(send: typeof fetch): typeof fetch {
  return (input, init) =>
    typeof init?.body === "string"
      ? send(input, { ...init, body: withoutOfflineAccess(init.body) })
      : send(input, init);
}
