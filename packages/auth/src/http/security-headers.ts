import type { Auth } from "../core/auth.js";

/** The settings of the headers of every response, as in `Auth`. */
export type SecuritySettings = Pick<Auth, "origin" | "hstsIncludeSubDomains">;

/** The settings of the headers of a page. */
export interface PageSecurity {
  readonly settings: SecuritySettings;
  /** The nonce of the page's own style elements. */
  readonly styleNonce?: string | undefined;
}

const oneYearSeconds = 31_536_000;

/**
 * Returns the security headers of an HTML page: only our own script files, no framing, and no `Referer` to other
 * addresses.
 */
export function createPageHeaders({
  settings,
  styleNonce,
}: PageSecurity): Readonly<Record<string, string>> {
  const styles =
    styleNonce === undefined ? "'self'" : `'self' 'nonce-${styleNonce}'`;
  return {
    ...createCommonHeaders(settings),
    "content-security-policy": [
      "default-src 'none'",
      "script-src 'self'",
      `style-src ${styles}`,
      "img-src 'self' data:",
      "font-src 'self' data:",
      "connect-src 'self'",
      "manifest-src 'self'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ].join("; "),
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
  };
}

/** Returns the security headers of every response. Its policy, for a response that is not a page, allows nothing. */
export function createCommonHeaders({
  origin,
  hstsIncludeSubDomains,
}: SecuritySettings): Readonly<Record<string, string>> {
  return {
    "content-security-policy":
      "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    ...(origin.startsWith("https:")
      ? {
          "strict-transport-security": `max-age=${oneYearSeconds}${hstsIncludeSubDomains ? "; includeSubDomains" : ""}`,
        }
      : {}),
  };
}
