import {
  explainAdminConsent,
  parseAuthorizationResponse,
  requireNamedFlow,
} from "./callback.js";
import type { ParsedCallback } from "./callback.js";
import type { Core } from "../core.js";
import { waitUntil, withDeadline } from "../provider/deadline.js";
import { AuthError, isAuthError, toFailure, withDetails } from "../error.js";
import { decideProfile } from "./decide-profile.js";
import type { SignInFacts } from "./decide-profile.js";
import {
  describeFailure,
  reportCompleted,
  reportReplaced,
} from "./flow-outcome.js";
import { takeFlow } from "./flow.js";
import type { TakenFlow } from "./flow.js";
import { validateIdToken } from "../token/id-token.js";
import type { IdTokenClaims } from "../token/id-token.js";
import type {
  FlowId,
  PartitionKey,
  ReturnUrl,
  SessionToken,
  State,
  UserId,
} from "../identifiers.js";
import type { ActiveSession, SignInResult } from "../session/active-session.js";
import type { TokenAnswer } from "../provider/identity-client.js";
import { deleteUnusedTokens } from "../session/session-end.js";
import { startSession } from "../session/session.js";
import type { StartedSession } from "../session/session.js";
import { readProfile } from "./profile.js";
import { earlierOf } from "../time.js";
import { saveTokenCache } from "../token/token-cache.js";

/** The callback and what its browser sent with it. */
export interface Callback extends ParsedCallback {
  /** The value of the flow cookie of the callback's flow. */
  readonly browserToken: string | undefined;
  /** The browser's current session cookie; a completed sign-in ends that session. */
  readonly sessionCookie?: string | undefined;
  readonly userAgent?: string | undefined;
}

/** A completed sign-in. */
export interface CompletedFlow extends SignInResult, ActiveSession {
  readonly flowId: FlowId;
  /** The value of the session cookie. Never put it anywhere else. */
  readonly sessionToken: SessionToken;
  readonly returnUrl: ReturnUrl;
}

/** The second half of a sign-in. */
export interface FlowCompletion {
  /**
   * Completes the flow that the callback belongs to and starts a session for the user who signed in. A flow is consumed
   * by its first callback, even if that fails or reports an error of the identity provider. A failure does not change
   * the browser's current session, unless the new session has already replaced it. In that case both have ended.
   *
   * @throws {AuthError} `invalid_request` if the callback repeats a parameter or lacks a required one.
   * @throws {AuthError} `flow_not_found` if no flow waits for this state: it expired or was completed already.
   * @throws {AuthError} `browser_mismatch` if another browser initiated the flow.
   * @throws {AuthError} `admin_consent_returned` if the callback reports an administrator's consent and belongs to no
   *   flow.
   * @throws {AuthError} `authorization_denied`, `consent_required`, `login_required`, `interaction_required`,
   *   `tenant_not_found` or `authorization_failed` if the identity provider responded with an error; `rate_limited` if
   *   it has detected a loop and asks for a delay.
   * @throws {AuthError} `issuer_mismatch`, `code_rejected`, `client_rejected` or `id_token_invalid` if its response is
   *   not valid.
   * @throws {AuthError} `tenant_not_allowed`, `user_disabled` or `sign_in_refused` if this user may not sign in.
   * @throws {AuthError} `internal_error` if the app's `onSignIn` or `onSignedIn` throws.
   * @throws {AuthError} `identity_provider_unavailable`, `store_unavailable`
   * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2 | RFC 6749 §4.1.2} on the callback
   */
  completeFlow(callback: Callback): Promise<CompletedFlow>;
}

/** The taken flow of a callback. */
interface WaitingFlow {
  readonly state: State;
  readonly flowId: FlowId;
  readonly flow: TakenFlow;
}

/** The time limit for all requests to the identity provider during one callback. */
const providerTimeoutMilliseconds = 8000;

export function createFlowCompletion(
  core: Core,
  timeoutMilliseconds = providerTimeoutMilliseconds,
): FlowCompletion {
  const { report, reportRecorded } = core;
  return {
    completeFlow: async (callback) => {
      let waiting: WaitingFlow | undefined;
      try {
        const taken = await takeWaitingFlow(core, callback);
        waiting = taken;
        const started = await withDeadline(timeoutMilliseconds, (signal) =>
          signIn(core, callback, taken, signal),
        );
        const { flowId, flow } = waiting;
        reportCompleted(reportRecorded, flowId, started);
        const { isNewUser, sessionToken } = started;
        const { returnUrl } = flow;
        const active = core.activeSessions.format(started);
        return { ...active, isNewUser, returnUrl, flowId, sessionToken };
      } catch (error) {
        const failure = describeFailure(error, waiting?.flow.returnUrl);
        report({
          type: "flow.failed",
          flowId: callback.named?.flowId,
          code: failure.code,
          aadsts: failure.provider?.aadsts,
          userId: failure.userId as UserId | undefined,
          // With `browser_mismatch` the flow is still waiting for its own browser.
          flowWaited:
            waiting !== undefined || failure.code === "browser_mismatch",
        });
        throw failure;
      }
    },
  };
}

/**
 * Takes the flow that waits for the callback. This is the first step, so a callback is accepted at most once: a second
 * delivery of the same URL fails even while the first is still running.
 *
 * @throws {AuthError} `invalid_request`, `flow_not_found`, `browser_mismatch`, or, for a callback without a flow,
 *   `admin_consent_returned` or the code of the identity provider's error.
 */
async function takeWaitingFlow(
  core: Core,
  callback: Callback,
): Promise<WaitingFlow> {
  const { state, stateDigest, flowId } = requireNamedFlow(callback);
  try {
    const flow = await takeFlow(core, stateDigest, callback.browserToken);
    return { state, flowId, flow };
  } catch (error) {
    if (!isAuthError(error) || error.code !== "flow_not_found") throw error;
    throw explainAdminConsent(callback.parameters) ?? error;
  }
}

/** Exchanges the code, validates the ID token and starts the session. */
async function signIn(
  core: Core,
  callback: Callback,
  { state, flowId, flow }: WaitingFlow,
  signal: AbortSignal,
): Promise<StartedSession> {
  const answer = await exchangeCode(core, state, flow, callback, signal);
  const claims = await validate(core, flow, answer, signal);
  const { profile, hasGroupOverage } = readProfile(claims);
  const facts: SignInFacts = { idTokenClaims: claims, hasGroupOverage };
  const started = await startSession(core, {
    flowId,
    profile: await decideProfile(core, profile, facts),
    providerSessionId: readText(claims["sid"]),
    logoutHint: readText(claims["login_hint"]),
    partitionKey: answer.partitionKey,
    userAgent: callback.userAgent,
    authenticatedAt: readAuthenticatedAt(claims, core.now()),
    sessionCookie: callback.sessionCookie,
  });
  try {
    const original = { nonce: flow.nonce, authTime: claims.auth_time };
    // After the session has started: tokens without a session would be deleted by a sign-out in another browser.
    const keeps = await keepsTokens(core, answer, flow.scopes);
    if (keeps)
      await saveTokenCache(
        core,
        { ...answer, original },
        started.session.expiresAt,
      );
    await deleteUnusedTokens(core, listLeftTokens(started, keeps));
    const { user, isNewUser } = started;
    await core.settings.onSignedIn?.({ user, isNewUser, ...facts });
  } catch (error) {
    await abandon(core, started);
    throw withDetails(toFailure(error), { userId: started.user.id });
  }
  return started;
}

async function exchangeCode(
  { identityClient }: Core,
  state: State,
  flow: TakenFlow,
  callback: Callback,
  signal: AbortSignal,
): Promise<TokenAnswer> {
  const { requiresIssParameter, issuer } =
    await identityClient.identityProvider.readMetadata(signal);
  if (issuer !== flow.issuer) {
    throw new AuthError(
      "issuer_mismatch",
      "The flow was initiated with another identity provider. Start again.",
    );
  }
  const code = parseAuthorizationResponse(
    callback.parameters,
    flow.issuer,
    requiresIssParameter,
  );
  const exchange = identityClient.exchangeCode({
    code,
    state,
    nonce: flow.nonce,
    codeVerifier: flow.codeVerifier,
    scopes: flow.scopes,
    signal,
  });
  return waitUntil(exchange, signal);
}

async function validate(
  core: Core,
  flow: TakenFlow,
  answer: TokenAnswer,
  signal: AbortSignal,
): Promise<IdTokenClaims> {
  const { idToken, accessToken, partitionKey } = answer;
  if (idToken === undefined)
    throw new AuthError(
      "id_token_invalid",
      "The identity provider sent no ID token.",
    );
  const claims = await validateIdToken(core, idToken, {
    tenantRule: core.settings.tenantRule,
    nonce: flow.nonce,
    accessToken,
    issuer: flow.issuer,
    maxAgeSeconds: flow.maxAgeSeconds,
    signal,
  });
  requireOwnAccount(claims, partitionKey);
  return claims;
}

/**
 * MSAL takes `homeAccountId` from `client_info`, which is unsigned. For a guest it contains another tenant and object
 * ID. If it contains this tenant, it must contain this user's object ID.
 */
function requireOwnAccount(
  { tid, oid }: IdTokenClaims,
  homeAccountId: string,
): void {
  const [uid, utid] = homeAccountId.split(".");
  if (utid === tid && uid !== oid) {
    throw new AuthError(
      "id_token_invalid",
      "The ID token and client_info of the identity provider identify different users.",
    );
  }
}

/**
 * Returns whether to store the tokens: if the app requested any, or if a sign-out sends the ID token. A sign-in without
 * scopes does not replace the tokens that an earlier sign-in of this account has stored.
 */
async function keepsTokens(
  { tokenCacheStore, settings, now }: Core,
  { partitionKey }: TokenAnswer,
  scopes: readonly string[],
): Promise<boolean> {
  if (scopes.length > 0) return true;
  if (!settings.sendsIdTokenHint) return false;
  return (await tokenCacheStore.find(partitionKey, now())) === undefined;
}

/**
 * Returns the partitions that may have lost their last session: that of the replaced session if it was another account's,
 * as in a sign-out, and that of the new session if tokens were stored after it could have ended.
 */
function listLeftTokens(
  { session: { partitionKey }, replaced }: StartedSession,
  keepsOwn: boolean,
): readonly (PartitionKey | undefined)[] {
  return [
    keepsOwn ? partitionKey : undefined,
    replaced?.partitionKey === partitionKey
      ? undefined
      : replaced?.partitionKey,
  ];
}

/**
 * Ends the new session, which the browser does not receive, and reports the end of the one it replaced. If that also
 * fails, the new session ends by its timeouts.
 */
async function abandon(
  core: Core,
  { session: { id, partitionKey }, replaced }: StartedSession,
): Promise<void> {
  reportReplaced(core.reportRecorded, replaced);
  try {
    await core.sessionStore.end(id);
    await deleteUnusedTokens(core, [partitionKey, replaced?.partitionKey]);
  } catch {
    // The caller reports the original failure.
  }
}

/** Returns `auth_time`, but not a later time than now: the identity provider's clock may be ahead. */
function readAuthenticatedAt(
  { auth_time }: IdTokenClaims,
  now: Date,
): Date | undefined {
  return auth_time === undefined
    ? undefined
    : earlierOf(new Date(auth_time * 1000), now);
}

function readText(claim: unknown): string | undefined {
  return typeof claim === "string" && claim !== "" ? claim : undefined;
}
