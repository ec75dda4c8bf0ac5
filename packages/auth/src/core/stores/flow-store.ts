import type { Digest, Nonce, ReturnUrl, Sealed } from "../identifiers.js";

/** The stored record of one initiated, not yet completed authorization code flow. Holds no secret in the clear. */
export interface Flow {
  readonly stateDigest: Digest;
  readonly browserTokenDigest: Digest;
  readonly nonce: Nonce;
  readonly sealedCodeVerifier: Sealed;
  readonly scopes: readonly string[];
  readonly returnUrl: ReturnUrl;
  /** The issuer, or Entra's issuer template, in the identity provider's metadata when the flow was initiated. */
  readonly issuer: string;
  /** The maximum age of the authentication, if the flow sets one (`max_age`). */
  readonly maxAgeSeconds: number | undefined;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/**
 * Stores pending flows. All servers of an application share it, so any server can complete a flow that another server
 * initiated. Flows of other clients are not found.
 */
export interface FlowStore {
  /** Keeps the flow until it is taken or its `expiresAt` has passed. */
  add(flow: Flow): Promise<void>;

  /**
   * Removes and returns the flow in one atomic step: exactly one concurrent caller gets it. Returns `undefined`, and
   * removes nothing, if the browser token is not the flow's or the flow has expired.
   */
  take(
    stateDigest: Digest,
    browserTokenDigest: Digest,
    now: Date,
  ): Promise<Flow | undefined>;

  /** Returns whether an unexpired flow has this state, regardless of the browser that initiated it. */
  isPending(stateDigest: Digest, now: Date): Promise<boolean>;

  /** Deletes at most `limit` expired flows of any client and returns how many it deleted. */
  deleteExpired(now: Date, limit: number): Promise<number>;
}
