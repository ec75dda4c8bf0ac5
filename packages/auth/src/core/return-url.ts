import type { ReturnUrl } from "./identifiers.js";

/** Of what stands behind the origin. */
const maximumLength = 2048;
const authPath = /^\/+auth(\/|$)/i;

/**
 * Answers the page of our own origin that `input` denotes, or the start page if it leads anywhere else. The result is
 * absolute and stays so: the path `/.//elsewhere.test` is ours here and, sent as a relative redirect, is not.
 *
 * The pages under `/auth` are not destinations: returning to one would start the sign-in over.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9700#section-4.11 | RFC 9700 §4.11} on open redirection
 */
export function parseReturnUrl(
  input: string | undefined,
  origin: string,
): ReturnUrl {
  const url =
    input === undefined || input.length > origin.length + maximumLength
      ? undefined
      : readUrl(input, origin);
  return (
    url !== undefined && isDestination(url, origin) ? url : new URL(origin)
  ).href as ReturnUrl;
}

function readUrl(input: string, origin: string): URL | undefined {
  return URL.canParse(input, origin) ? new URL(input, origin) : undefined;
}

function isDestination(url: URL, origin: string): boolean {
  return (
    // Nothing else begins so: not another origin, not one with credentials, and no `blob:` URL, whose origin may be ours.
    url.href.startsWith(`${origin}/`) &&
    // Percent-encoding makes an address up to nine times as long.
    url.href.length <= origin.length + maximumLength &&
    !authPath.test(url.pathname)
  );
}
