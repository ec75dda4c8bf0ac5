/** When sessions end. The server enforces both timeouts, regardless of the cookie's lifetime. */
export interface SessionTimeouts {
  /** A session ends if it is not used for this long. */
  readonly idleTimeoutSeconds: number;
  /** A session ends after this long, even if it is in use. */
  readonly absoluteTimeoutSeconds: number;
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * The longest timeouts for authenticator assurance level 1: 30 days idle and absolute. They set timeouts only; the
 * identity provider decides how strongly users authenticate.
 *
 * @see {@link https://pages.nist.gov/800-63-4/sp800-63b.html | NIST SP 800-63B-4 §2.1.3}
 */
export const aal1: SessionTimeouts = {
  idleTimeoutSeconds: 30 * day,
  absoluteTimeoutSeconds: 30 * day,
};

/**
 * The longest timeouts for authenticator assurance level 2: one hour idle, 24 hours absolute.
 *
 * @see {@link https://pages.nist.gov/800-63-4/sp800-63b.html | NIST SP 800-63B-4 §2.2.3}
 */
export const aal2: SessionTimeouts = {
  idleTimeoutSeconds: hour,
  absoluteTimeoutSeconds: day,
};

/**
 * The longest timeouts for authenticator assurance level 3: 15 minutes idle, 12 hours absolute.
 *
 * @see {@link https://pages.nist.gov/800-63-4/sp800-63b.html | NIST SP 800-63B-4 §2.3.3}
 */
export const aal3: SessionTimeouts = {
  idleTimeoutSeconds: 15 * minute,
  absoluteTimeoutSeconds: 12 * hour,
};
