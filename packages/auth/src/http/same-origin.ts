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

function foreign(): AuthError {
  return new AuthError(
    "cross_site_request",
    "The request comes from another site.",
  );
}
