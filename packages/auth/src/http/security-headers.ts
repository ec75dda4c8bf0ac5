import type { Auth } from "../core/auth.js";

/** What the headers of any answer depend on; an `Auth` has it. */
export type SecuritySettings = Pick<Auth, "origin" | "hstsIncludeSubDomains">;

/** What the headers of a page depend on. */
export interface PageSecurity {
  readonly settings: SecuritySettings;
  /** For the page's own style elements. */
  readonly styleNonce?: string | undefined;
}

const oneYearSeconds = 31_536_000;

/**
 * Returns the security headers of an HTML page of ours: no script but our files, no frame around it, nothing of its
 * address told to others.
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

/** Returns the security headers of any answer of ours; one that is no page may load nothing and be framed by nobody. */
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
