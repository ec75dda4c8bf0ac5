import { AuthError } from "../core/error.js";

/** Reads one header of a request; `null` if it is absent. */
export type ReadHeader = (name: string) => string | null | undefined;

/**
 * Refuses a request that another site may have caused. A page of ours sets the header `x-csrf: 1`, which no other origin
 * can without a CORS preflight that nobody answers; what browsers say about the origin has to agree.
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
  if (typeof stated === "string" && stated !== origin) throw foreign();
  if (site === "cross-site" || site === "same-site") throw foreign();
}

/**
 * Refuses a form that another site may have sent. A form cannot set a header, and under our own referrer policy its
 * origin reads `null`: what the browser says in `Sec-Fetch-Site` decides, and only without that the origin does.
 *
 * @throws {AuthError} `cross_site_request`
 */
export function requireOwnForm(readHeader: ReadHeader, origin: string): void {
  const site = readHeader("sec-fetch-site");
  const stated = readHeader("origin");
  const isOwn =
    typeof site === "string" ? site === "same-origin" : stated === origin;
  if (!isOwn) throw foreign();
}

/**
 * Refuses whatever else than a page that is being visited: an image, a frame or a script of some site would start a
 * sign-in that nobody sees, and use up the visitor's budget. A program, such as Node's `fetch`, states a mode and no site.
 *
 * @throws {AuthError} `cross_site_request`
 */
export function requireNavigation(readHeader: ReadHeader): void {
  const destination = readHeader("sec-fetch-dest") ?? "document";
  const mode = readHeader("sec-fetch-mode") ?? "navigate";
  const isOfBrowser = typeof readHeader("sec-fetch-site") === "string";
  if (destination !== "document" || (isOfBrowser && mode !== "navigate"))
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
 * Refuses what no identity provider's sign-out page does, such as an image.
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

function foreign(): AuthError {
  return new AuthError(
    "cross_site_request",
    "The request comes from another site.",
  );
}
