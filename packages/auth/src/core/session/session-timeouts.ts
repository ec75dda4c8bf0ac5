/** When sessions end. Both are enforced on the server; a cookie that outlives them is worth nothing. */
export interface SessionTimeouts {
  /** A session ends when unused for so long. */
  readonly idleTimeoutSeconds: number;
  /** A session ends after so long regardless. */
  readonly absoluteTimeoutSeconds: number;
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * The longest timeouts for authenticator assurance level 1: 30 days, used or not. The level speaks of timeouts alone; how
 * strongly people authenticate is the identity provider's to decide.
 *
 * @see {@link https://pages.nist.gov/800-63-4/sp800-63b.html | NIST SP 800-63B-4 §2.1.3}
 */
export const aal1: SessionTimeouts = {
  idleTimeoutSeconds: 30 * day,
  absoluteTimeoutSeconds: 30 * day,
};

/**
 * The longest timeouts for authenticator assurance level 2: an hour unused, 24 hours regardless.
 *
 * @see {@link https://pages.nist.gov/800-63-4/sp800-63b.html | NIST SP 800-63B-4 §2.2.3}
 */
export const aal2: SessionTimeouts = {
  idleTimeoutSeconds: hour,
  absoluteTimeoutSeconds: day,
};

/**
 * The longest timeouts for authenticator assurance level 3: 15 minutes unused, 12 hours regardless.
 *
 * @see {@link https://pages.nist.gov/800-63-4/sp800-63b.html | NIST SP 800-63B-4 §2.3.3}
 */
export const aal3: SessionTimeouts = {
  idleTimeoutSeconds: 15 * minute,
  absoluteTimeoutSeconds: 12 * hour,
};
