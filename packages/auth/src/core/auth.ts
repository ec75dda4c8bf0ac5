import type { AccessTokenRequest } from "./token/access-token.js";
import type { Administration } from "./administration/administration.js";
import type { FlowRequest, InitiatedFlow } from "./sign-in/flow.js";
import type { DeletionResult } from "./administration/delete-expired.js";
import type { AccessToken } from "./identifiers.js";
import type { SameSite } from "./options.js";
import type { StoredSession, SessionWithUser } from "./stores/session-store.js";
import type { Stores } from "./stores/stores.js";
import type { SessionTimeouts } from "./session/session-timeouts.js";
import type { Callback, CompletedFlow } from "./sign-in/complete-flow.js";

/** The sign-in layer of one application. Made once, at start. */
export interface Auth {
  /** The application's public origin. */
  readonly origin: string;
  /** The application's public address without a trailing slash: its origin, and its path where it has one. */
  readonly appUrl: string;
  /** Where the identity provider sends the visitor back. */
  readonly redirectUri: string;
  /** The `SameSite` attribute of its cookies. */
  readonly sameSite: SameSite;
  /** Whether HSTS covers the subdomains of its host as well. */
  readonly hstsIncludeSubDomains: boolean;
  /** Whether a sign-out makes the browser delete what scripts of its origin have stored. */
  readonly clearsStorage: boolean;
  /** The identity provider's base URL. */
  readonly authority: string;
  /** How long a flow waits for its callback, and its cookie lives. */
  readonly flowTimeoutSeconds: number;
  /** How long a session can last, and its cookie lives. */
  readonly sessionTimeouts: SessionTimeouts;

  /**
   * Initiates an authorization code flow: keeps it, and returns where to send the browser.
   *
   * @throws {AuthError} `tenant_not_found`, `identity_provider_unavailable`, `store_unavailable`
   */
  initiateFlow(request?: FlowRequest): Promise<InitiatedFlow>;

  /**
   * Completes the flow that the callback belongs to and starts a session for the user who signed in. A flow is consumed
   * by its first callback, whether that succeeds, fails or brings the identity provider's refusal.
   *
   * @throws {AuthError} `flow_not_found` if no flow waits for this state: it expired or was completed already.
   * @throws {AuthError} `browser_mismatch` if another browser initiated the flow.
   * @throws {AuthError} `admin_consent_returned` if the callback reports an administrator's consent and belongs to no flow.
   * @throws {AuthError} `authorization_denied`, `consent_required`, `login_required`, `interaction_required`,
   *   `tenant_not_found` or `authorization_failed` if the identity provider answered with an error; `rate_limited` if it
   *   has met a loop, and asks for a wait.
   * @throws {AuthError} `issuer_mismatch`, `code_rejected`, `client_rejected` or `id_token_invalid` if what it answered
   *   is not acceptable.
   * @throws {AuthError} `tenant_not_allowed`, `user_disabled` or `sign_in_refused` if this person may not sign in.
   * @throws {AuthError} `internal_error` if the app's `onSignIn` or `onSignedIn` throws.
   * @throws {AuthError} `tenant_not_found`, `identity_provider_unavailable`, `store_unavailable`
   * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2 | RFC 6749 §4.1.2} on the callback
   */
  completeFlow(callback: Callback): Promise<CompletedFlow>;

  /**
   * Returns who is signed in with this session cookie, or `undefined` if nobody is.
   *
   * @throws {AuthError} `store_unavailable` if it could not look.
   */
  readSession(cookie: string | undefined): Promise<SessionWithUser | undefined>;

  /**
   * Ends the session of this cookie at once and returns where the browser signs out at the identity provider. Without a
   * session, or while the provider cannot be asked, that is the application's start page.
   *
   * @throws {AuthError} `store_unavailable`
   * @see {@link https://openid.net/specs/openid-connect-rpinitiated-1_0.html | RP-Initiated Logout 1.0}
   */
  endSession(cookie: string | undefined): Promise<string>;

  /** Returns the person's sessions in all their browsers, the most recently seen first; at most 100. */
  listSessions(signedIn: SessionWithUser): Promise<readonly StoredSession[]>;

  /**
   * Ends one of the person's sessions.
   *
   * @throws {AuthError} `session_not_found` if they have no such session, be it somebody else's or nobody's.
   */
  revokeSession(signedIn: SessionWithUser, sessionId: string): Promise<void>;

  /**
   * Ends all sessions of the person, this one included, and returns where the browser signs out at the identity provider.
   *
   * @throws {AuthError} `store_unavailable`
   */
  endAllSessions(signedIn: SessionWithUser): Promise<string>;

  /**
   * Refuses unless the person proved who they are so recently.
   *
   * @throws {AuthError} `fresh_sign_in_required`; send them through {@link Auth.initiateFlow} with the same
   *   `maxAgeSeconds`.
   */
  requireFreshSignIn(signedIn: SessionWithUser, maxAgeSeconds: number): void;

  /** What administrators do; whether somebody is one, the caller has to find out first. */
  readonly administration: Administration;

  /**
   * Ends every session that was signed in within this session of the identity provider (`sid`): front-channel sign-out.
   * Where the caller names the issuer, it has to be the identity provider's. Returns whether there was such a session.
   *
   * @throws {AuthError} `invalid_request` if the issuer is another; `identity_provider_unavailable`, `store_unavailable`
   */
  endProviderSession(
    providerSessionId: string,
    issuer?: string,
  ): Promise<boolean>;

  /**
   * Ends every session that a logout token of the identity provider names, by its own session or by the person:
   * back-channel sign-out.
   *
   * @throws {AuthError} `invalid_request` if the token is not acceptable; `store_unavailable`
   */
  endByLogoutToken(logoutToken: string): Promise<void>;

  /**
   * Acquires an access token for the session's account, from the token cache when it holds a fresh one. Concurrent calls
   * for the same account and scopes share one request to the identity provider.
   *
   * @throws {AuthError} `interaction_required` or `consent_required` if the account must sign in or consent again; send
   *   the visitor through {@link Auth.initiateFlow} with the same scopes, and with the error's `claims` if it has any.
   * @throws {AuthError} `authorization_denied` if a policy refuses, `rate_limited` if the identity provider asks for a wait.
   */
  acquireAccessToken(
    signedIn: SessionWithUser,
    request: AccessTokenRequest,
  ): Promise<AccessToken>;

  /**
   * Removes rows that expired more than five minutes ago, at most `limit` of each kind, and entries of the audit trail that
   * are older than `auditRetentionDays`. Call it now and then, on every server: one at a time does it, and keeps doing it
   * until it stops; on the others it removes nothing. A kind that cannot be removed does not keep the others: look at
   * `failures` of the result.
   *
   * @throws {AuthError} `store_unavailable` if the store cannot even say whose turn it is.
   */
  deleteExpired(limit?: number): Promise<DeletionResult>;

  /**
   * Leaves it to another server to remove what has expired. Call it when this one stops; otherwise the others wait for ten
   * minutes.
   *
   * @throws {AuthError} `store_unavailable`
   */
  releaseHousekeeping(): Promise<void>;
}

/** What adapters need of an `Auth` besides its type. */
export interface AuthParts {
  readonly stores: Stores;
  readonly rateLimit: { readonly perMinute: number } | undefined;
  readonly trustedProxies: readonly string[];
  /** Called for each request that is refused because its address is over the limit. */
  readonly onLimited?:
    ((action: string, clientAddress: string) => void) | undefined;
  /** Called once, for the first request that brings `X-Forwarded-For` from a peer that is not a trusted proxy. */
  readonly onUntrustedProxy?: ((peerAddress: string) => void) | undefined;
}

/** Registered, so that another copy of this package in the same process finds the parts as well. */
export const authPartsKey = Symbol.for("@entrada/auth/parts");

/** Returns the object with these parts. */
export function withParts<Carrier extends object>(
  carrier: Carrier,
  parts: AuthParts,
): Carrier {
  return Object.assign(carrier, { [authPartsKey]: parts });
}

/** Returns the parts; `undefined` if `createAuth` did not make the object. */
export function readParts(auth: Auth): AuthParts | undefined {
  return Reflect.get(auth, authPartsKey);
}
