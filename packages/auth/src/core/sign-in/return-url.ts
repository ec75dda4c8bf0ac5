import type { ReturnUrl } from "../identifiers.js";

/** The URLs that determine the application's own pages. Every `Auth` has them. */
export interface ReturnUrlPlace {
  /** The application's address without a trailing slash. */
  readonly appUrl: string;
  readonly redirectUri: string;
}

/** The maximum length of path, query and fragment together. */
const maximumLength = 2048;
/** A host that no application has: a relative URL resolves to it, an absolute URL does not. */
const otherHost = "relative.invalid";

/**
 * Returns the page of the application that `input` denotes, or the start page if it leads anywhere else. The result is
 * absolute, because a path such as `//host` means another host in a redirect. If the application is served below a
 * path, a relative input is resolved below that path, because a proxy may strip the path from requests.
 *
 * Pages in the folder of the redirect URI (`/auth/...`) are excluded, because returning there would restart the
 * sign-in.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9700#section-4.11 | RFC 9700 §4.11} on open redirection
 */
export function parseReturnUrl(
  input: string | undefined,
  { appUrl, redirectUri }: ReturnUrlPlace,
): ReturnUrl {
  const startPage = `${appUrl}/`;
  const { origin } = new URL(appUrl);
  if (input === undefined || input.length > origin.length + maximumLength)
    return startPage as ReturnUrl;
  const url = readOwnUrl(input, appUrl);
  return (
    url !== undefined && isDestination(url, redirectUri, appUrl)
      ? url.href
      : startPage
  ) as ReturnUrl;
}

/** Returns the URL of the application that the input denotes; `undefined` if it leads elsewhere. */
function readOwnUrl(input: string, appUrl: string): URL | undefined {
  const startPage = `${appUrl}/`;
  if (!URL.canParse(input, startPage)) return undefined;
  const url = new URL(input, startPage);
  const { origin, pathname: appPath } = new URL(appUrl);
  // This excludes other origins, URLs with credentials, and `blob:` URLs, whose `origin` may be the application's.
  if (!url.href.startsWith(`${origin}/`) || url.pathname.startsWith("//"))
    return undefined;
  if (appPath === "/" || isBelow(url.pathname, appPath)) return url;
  return isRelative(input, url.protocol)
    ? new URL(`${appUrl}${url.pathname}${url.search}${url.hash}`)
    : undefined;
}

function isRelative(input: string, protocol: string): boolean {
  return new URL(input, `${protocol}//${otherHost}`).hostname === otherHost;
}

function isDestination(url: URL, redirectUri: string, appUrl: string): boolean {
  return (
    // Percent-encoding can make a URL nine times as long.
    url.href.length <= url.origin.length + maximumLength &&
    !isBelow(
      url.pathname.toLowerCase(),
      findAuthPath(redirectUri, appUrl).toLowerCase(),
    )
  );
}

/** Returns the folder of the redirect URI, or its own path if that folder is the application's root. */
function findAuthPath(redirectUri: string, appUrl: string): string {
  const path = new URL(redirectUri).pathname.replace(/\/$/, "");
  const folder = path.slice(0, path.lastIndexOf("/"));
  return folder === new URL(appUrl).pathname.replace(/\/$/, "") ? path : folder;
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
