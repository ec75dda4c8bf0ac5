import type { ReturnUrl } from "../identifiers.js";

/** What decides which pages are the application's own; an `Auth` has it. */
export interface ReturnUrlPlace {
  /** The application's address without a trailing slash. */
  readonly appUrl: string;
  readonly redirectUri: string;
}

/** Of what stands behind the origin. */
const maximumLength = 2048;
/** Another host than any application's: only an input that names its own host does not take this one over. */
const otherHost = "relative.invalid";

/**
 * Returns the page of the application that `input` denotes, or the start page if it leads anywhere else. The result is
 * absolute, because the same path can mean another host in a redirect. A relative input of an application that lives
 * under a path is put below that path: where a proxy strips the path, the application does not know it.
 *
 * The pages beside the redirect URI (`/auth/...`) are not destinations: returning to one would start the sign-in over.
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

/** Returns the URL of the application that the input means, or `undefined` if it means one elsewhere. */
function readOwnUrl(input: string, appUrl: string): URL | undefined {
  const startPage = `${appUrl}/`;
  if (!URL.canParse(input, startPage)) return undefined;
  const url = new URL(input, startPage);
  const { origin, pathname: appPath } = new URL(appUrl);
  // Nothing else begins so: no other origin, no address with credentials, and no `blob:` URL, whose origin may be ours.
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
    // Percent-encoding makes an address up to nine times as long.
    url.href.length <= url.origin.length + maximumLength &&
    !isBelow(
      url.pathname.toLowerCase(),
      findAuthPath(redirectUri, appUrl).toLowerCase(),
    )
  );
}

/** Returns the folder of the redirect URI; its own path if that folder is the whole application. */
function findAuthPath(redirectUri: string, appUrl: string): string {
  const path = new URL(redirectUri).pathname.replace(/\/$/, "");
  const folder = path.slice(0, path.lastIndexOf("/"));
  return folder === new URL(appUrl).pathname.replace(/\/$/, "") ? path : folder;
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
