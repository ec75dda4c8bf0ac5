import { AuthError } from "../core/error.js";

/** Reads one header of a request; `null` if it is absent. */
export type ReadHeader = (name: string) => string | null | undefined;

/** The input of `requireOwnOrigin`. */
export interface OriginCheck {
  readonly method: string;
  readonly readHeader: ReadHeader;
  /** The application's own origin. */
  readonly origin: string;
  /**
   * Whether to accept a request with neither `Sec-Fetch-Site` nor `Origin`. Only for a sign-out, or for a request
   * without a session cookie.
   */
  readonly allowsUnstated: boolean;
}

const safeMethods: readonly string[] = ["GET", "HEAD", "OPTIONS"];
const bearerPattern = /^bearer(?: |$)/i;

/** Returns whether a request of this method may change state. */
export function isStateChanging(method: string): boolean {
  return !safeMethods.includes(method);
}

/**
 * Requires that a page of the application sent the request. It protects everything that a session cookie alone would
 * permit. `Sec-Fetch-Site` decides if the browser sends it, and `Origin` otherwise. An old Safari or a proxy may omit
 * both. Under the referrer policy `no-referrer` the `Origin` of a form is `null`, which counts as absent.
 *
 * @throws {AuthError} `cross_site_request`
 * @see {@link https://www.rfc-editor.org/rfc/rfc10017#section-6.1.3.3 | RFC 10017 §6.1.3.3}
 */
export function requireOwnOrigin(check: OriginCheck): void {
  const { method, readHeader, origin, allowsUnstated } = check;
  const isSafe = !isStateChanging(method);
  const isOwnSite = (site: string) =>
    site === "same-origin" || (site === "none" && isSafe);
  if (isFromOtherOrigin(readHeader, origin, isOwnSite))
    throw createForeignError(origin);
  const isStated =
    typeof readHeader("sec-fetch-site") === "string" ||
    readHeader("origin") === origin;
  if (isStated || allowsUnstated || isSafe) return;
  throw new AuthError(
    "cross_site_request",
    "The browser did not send the origin of the request. Serve your pages with the header `Referrer-Policy: same-origin`.",
  );
}

/**
 * Refuses an API request that another site may have caused. The application's pages set the header `x-csrf: 1`. Another
 * origin cannot do so without a CORS preflight, which is refused. `Origin` and `Sec-Fetch-Site` must not name another
 * origin.
 *
 * `EventSource` and `WebSocket` cannot set a header. Their requests need no `x-csrf` if the browser states that a page
 * of the application sent them. A request with a bearer token is always accepted, because no cookie is read for it.
 *
 * @param method The request's method. Without it, every request needs `x-csrf`.
 * @throws {AuthError} `cross_site_request`
 * @see {@link https://www.rfc-editor.org/rfc/rfc10017#section-6.1.3.3 | RFC 10017 §6.1.3.3}
 */
export function requireSameOrigin(
  readHeader: ReadHeader,
  origin: string,
  method?: string,
): void {
  if (hasBearerToken(readHeader)) return;
  const isComplete =
    readHeader("x-csrf") === "1" ||
    (method === "GET" && isStatedStream(readHeader, origin));
  if (!isComplete) {
    throw new AuthError(
      "cross_site_request",
      'The request lacks the header "x-csrf: 1".',
    );
  }
  if (
    readHeader("origin") === "null" ||
    isFromOtherOrigin(readHeader, origin, isNotForeignSite)
  )
    throw createForeignError(origin);
}

/** Returns whether the request has a bearer token. No cookie is read or set for such a request. */
export function hasBearerToken(readHeader: ReadHeader): boolean {
  const authorization = readHeader("authorization");
  return typeof authorization === "string" && bearerPattern.test(authorization);
}

/** Returns whether the request opens a WebSocket. */
export function isWebSocketHandshake(readHeader: ReadHeader): boolean {
  return readHeader("upgrade")?.toLowerCase() === "websocket";
}

/** Returns whether `EventSource` or `WebSocket` of a page of the application sent the request, as the browser states. */
function isStatedStream(readHeader: ReadHeader, origin: string): boolean {
  if (isWebSocketHandshake(readHeader)) return readHeader("origin") === origin;
  return (
    readHeader("sec-fetch-site") === "same-origin" &&
    (readHeader("accept") ?? "")
      .split(",")
      .some((type) => type.split(";")[0]?.trim() === "text/event-stream")
  );
}

function isNotForeignSite(site: string): boolean {
  return site !== "cross-site" && site !== "same-site";
}

/** Returns whether the headers say that a page of another origin sent the request. `Origin: null` counts as absent. */
export function isFromOtherOrigin(
  readHeader: ReadHeader,
  origin: string,
  isOwnSite: (site: string) => boolean = (site) =>
    site === "same-origin" || site === "none",
): boolean {
  const stated = readHeader("origin") ?? "null";
  const site = readHeader("sec-fetch-site");
  return (
    (stated !== "null" && stated !== origin) ||
    (typeof site === "string" && !isOwnSite(site))
  );
}

/**
 * Returns whether the request is a prefetch or a prerendering of a page that may be visited later.
 *
 * @see {@link https://wicg.github.io/nav-speculation/prefetch.html#sec-purpose-header | Sec-Purpose}
 */
export function isPrefetch(readHeader: ReadHeader): boolean {
  return ["sec-purpose", "purpose", "x-moz"].some(
    (name) => readHeader(name)?.toLowerCase().includes("prefetch") === true,
  );
}

/**
 * Refuses a request whose `Sec-Fetch-Dest` is an image, a frame or a script. Otherwise another site could start
 * sign-ins that the visitor does not see, and use up the rate limit of the visitor's address.
 *
 * @throws {AuthError} `cross_site_request`
 */
export function requireDocument(readHeader: ReadHeader): void {
  if ((readHeader("sec-fetch-dest") ?? "document") === "document") return;
  throw new AuthError(
    "cross_site_request",
    "A sign-in must start by a navigation to this address, not in a frame, an image or a script.",
  );
}

/** An identity provider's sign-out page loads the address in a frame or, rarely, by script or navigation. */
const signOutDestinations: readonly string[] = [
  "iframe",
  "frame",
  "document",
  "empty",
];

/**
 * Refuses a request whose `Sec-Fetch-Dest` no identity provider's sign-out page uses, such as an image.
 *
 * @throws {AuthError} `cross_site_request`
 */
export function requireSignOutFrame(readHeader: ReadHeader): void {
  const destination = readHeader("sec-fetch-dest") ?? "iframe";
  if (signOutDestinations.includes(destination)) return;
  throw new AuthError(
    "cross_site_request",
    "A front-channel sign-out must be loaded in a frame.",
  );
}

function createForeignError(origin: string): AuthError {
  return new AuthError(
    "cross_site_request",
    `The request does not come from a page of ${origin}, the address of this application (APP_URL).`,
  );
}
