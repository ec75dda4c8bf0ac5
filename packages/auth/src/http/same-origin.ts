import { AuthError } from "../core/error.js";

/** Reads one header of a request; `null` if it is absent. */
export type ReadHeader = (name: string) => string | null | undefined;

/** What the origin rule looks at. */
export interface OriginCheck {
  readonly method: string;
  readonly readHeader: ReadHeader;
  /** The application's own origin. */
  readonly origin: string;
  /**
   * Whether to accept a request that states neither its site nor its origin. Only for a sign-out, or where the request has
   * no session cookie.
   */
  readonly allowsUnstated: boolean;
}

const safeMethods: readonly string[] = ["GET", "HEAD", "OPTIONS"];

/** Returns whether a request of this method may change state. */
export function isStateChanging(method: string): boolean {
  return !safeMethods.includes(method);
}

/**
 * Requires that a page of the application sent the request: the origin rule of everything that a session cookie alone
 * would permit. `Sec-Fetch-Site` decides where the browser sends it, and otherwise `Origin` does; a missing
 * `Sec-Fetch-Site` (an old Safari, a proxy that strips it) decides nothing. Under the referrer policy `no-referrer` the
 * `Origin` of a form is `null`, which states nothing either.
 *
 * @throws {AuthError} `cross_site_request`
 * @see {@link https://www.rfc-editor.org/rfc/rfc10017#section-6.1.3.3 | RFC 10017 §6.1.3.3}
 */
export function requireOwnOrigin(check: OriginCheck): void {
  const { method, readHeader, origin, allowsUnstated } = check;
  const stated = readHeader("origin") ?? "null";
  if (stated !== "null" && stated !== origin) throw createForeignError(origin);
  const site = readHeader("sec-fetch-site");
  if (typeof site === "string") {
    const isOwn =
      site === "same-origin" || (site === "none" && !isStateChanging(method));
    if (!isOwn) throw createForeignError(origin);
    return;
  }
  if (stated === origin || allowsUnstated || !isStateChanging(method)) return;
  throw new AuthError(
    "cross_site_request",
    "The browser does not state which site sent the request. Serve your pages with the header `Referrer-Policy: same-origin`.",
  );
}

/**
 * Refuses an API request that another site may have caused. A page of ours sets the header `x-csrf: 1`, which no other
 * origin can without a CORS preflight, which we refuse; what browsers say about the origin has to agree.
 *
 * @throws {AuthError} `cross_site_request`
 * @see {@link https://www.rfc-editor.org/rfc/rfc10017#section-6.1.3.3 | RFC 10017 §6.1.3.3}
 */
export function requireSameOrigin(
  readHeader: ReadHeader,
  origin: string,
): void {
  if (readHeader("x-csrf") !== "1") {
    throw new AuthError(
      "cross_site_request",
      'The request lacks the header "x-csrf: 1".',
    );
  }
  const stated = readHeader("origin");
  const site = readHeader("sec-fetch-site");
  if (typeof stated === "string" && stated !== origin)
    throw createForeignError(origin);
  if (site === "cross-site" || site === "same-site")
    throw createForeignError(origin);
}

/** Returns whether the browser says that a page of another origin sent the request. */
export function isFromOtherOrigin(
  readHeader: ReadHeader,
  origin: string,
): boolean {
  const stated = readHeader("origin") ?? "null";
  const site = readHeader("sec-fetch-site") ?? "none";
  return (
    (stated !== "null" && stated !== origin) ||
    (site !== "same-origin" && site !== "none")
  );
}

/**
 * Returns whether the browser only prepares for a page that may be visited later: a prefetch or a prerendering.
 *
 * @see {@link https://wicg.github.io/nav-speculation/prefetch.html#sec-purpose-header | Sec-Purpose}
 */
export function isPrefetch(readHeader: ReadHeader): boolean {
  return ["sec-purpose", "purpose", "x-moz"].some(
    (name) => readHeader(name)?.toLowerCase().includes("prefetch") === true,
  );
}

/**
 * Refuses a request that loads the address into a page, as an image, a frame or a script does, where the browser says so:
 * another site would start sign-ins that the visitor does not see, and use up the budget of the visitor's address.
 *
 * @throws {AuthError} `cross_site_request`
 */
export function requireDocument(readHeader: ReadHeader): void {
  if ((readHeader("sec-fetch-dest") ?? "document") === "document") return;
  throw new AuthError(
    "cross_site_request",
    "A sign-in starts by visiting this address, not by loading it into a page.",
  );
}

/** What an identity provider's sign-out page can load us as: nearly always a frame, else by script or a navigation. */
const signOutDestinations: readonly string[] = [
  "iframe",
  "frame",
  "document",
  "empty",
];

/**
 * Refuses what no identity provider's sign-out page does, such as an image, where the browser says so.
 *
 * @throws {AuthError} `cross_site_request`
 */
export function requireSignOutFrame(readHeader: ReadHeader): void {
  const destination = readHeader("sec-fetch-dest") ?? "iframe";
  if (signOutDestinations.includes(destination)) return;
  throw new AuthError(
    "cross_site_request",
    "A front-channel sign-out is loaded in a frame.",
  );
}

function createForeignError(origin: string): AuthError {
  return new AuthError(
    "cross_site_request",
    `The request does not come from a page of ${origin}, the address of this application (APP_URL).`,
  );
}
