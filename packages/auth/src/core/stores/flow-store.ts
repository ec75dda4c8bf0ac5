import type { Digest, Nonce, ReturnUrl, Sealed } from "../identifiers.js";

/** The stored record of one initiated, not yet completed authorization code flow. Holds no secret in the clear. */
export interface Flow {
  readonly stateDigest: Digest;
  readonly browserTokenDigest: Digest;
  readonly nonce: Nonce;
  readonly sealedCodeVerifier: Sealed;
  readonly scopes: readonly string[];
  readonly returnUrl: ReturnUrl;
  /** The issuer, or Entra's template of one, that the identity provider named when the flow was initiated. */
  readonly issuer: string;
  /** How long ago the person may have authenticated at most, where the flow asks for that (`max_age`). */
  readonly maxAgeSeconds: number | undefined;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/**
 * Keeps pending flows. Every server of an application shares it, so any of them may complete what another initiated. A
 * flow of another client is not found.
 */
export interface FlowStore {
  /** Keeps the flow until it is taken or its `expiresAt` has passed. */
  add(flow: Flow): Promise<void>;

  /**
   * Removes and returns the flow in one atomic step: of any number of concurrent callers one gets it. Returns
   * `undefined`, and removes nothing, if the browser token is not the flow's or the flow has expired.
   */
  take(
    stateDigest: Digest,
    browserTokenDigest: Digest,
    now: Date,
  ): Promise<Flow | undefined>;

  /** Returns whether an unexpired flow waits for this state, whichever browser initiated it. */
  isPending(stateDigest: Digest, now: Date): Promise<boolean>;

  /** Removes at most `limit` flows that have expired, of any client, and returns how many it removed. */
  deleteExpired(now: Date, limit: number): Promise<number>;
}
