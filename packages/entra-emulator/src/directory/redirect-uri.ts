import type { AppRegistration } from "./directory.js";

/** The platform under which a redirect URI is registered. It determines how the code may be redeemed. */
export type Platform = "web" | "spa" | "publicClient";

/**
 * Returns the platform under which the app registered the redirect URI, or `undefined` if it did not.
 *
 * The comparison is exact, path and case included, with two exceptions: `http://localhost` and, unless the app sets
 * `ignoreLoopbackPort: false`, `http://127.0.0.1` match with any port, and a missing path equals `/`.
 */
export function findPlatform(
  app: AppRegistration,
  redirectUri: string,
): Platform | undefined {
  const isRegistered = (registered: readonly string[] | undefined): boolean =>
    registered?.some((uri) => matches(app, uri, redirectUri)) ?? false;
  if (isRegistered(app.redirectUris)) return "web";
  if (isRegistered(app.spaRedirectUris)) return "spa";
  return isRegistered(app.publicClientRedirectUris)
    ? "publicClient"
    : undefined;
}

/** Returns every redirect URI of the app. */
export function redirectUrisOf(app: AppRegistration): readonly string[] {
  return [
    ...(app.redirectUris ?? []),
    ...(app.spaRedirectUris ?? []),
    ...(app.publicClientRedirectUris ?? []),
  ];
}

function matches(
  app: AppRegistration,
  registered: string,
  requested: string,
): boolean {
  if (!URL.canParse(requested)) return false;
  if (registered === requested) return true;
  return normalize(app, registered) === normalize(app, requested);
}

function normalize(app: AppRegistration, uri: string): string {
  const names =
    (app.ignoreLoopbackPort ?? true)
      ? "localhost|127\\.0\\.0\\.1"
      : "localhost";
  // Strings are compared, because a URL parser would normalize case, dot segments and default ports.
  return uri
    .replace(new RegExp(`^(http://(?:${names})):\\d+(?=[/?#]|$)`), "$1")
    .replace(/^([a-z]+:\/\/[^/?#]+)$/, "$1/");
}
