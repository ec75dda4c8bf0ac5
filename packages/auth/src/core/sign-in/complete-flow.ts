import {
  explainAdminConsent,
  parseAuthorizationResponse,
  requireNamedFlow,
} from "./callback.js";
import type { ParsedCallback } from "./callback.js";
import { waitUntil } from "../deadline.js";
import { AuthError, isAuthError, toFailure, withDetails } from "../error.js";
import type { AuthEventListener } from "../event.js";
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
  ReturnUrl,
  SessionToken,
  State,
  UserId,
} from "../identifiers.js";
import type { OnSignedIn, OnSignIn } from "../options.js";
import type { SessionTimeouts } from "../session/session-timeouts.js";
import type { EndedSession, SessionWithUser } from "../stores/session-store.js";
import type { Ports } from "../ports.js";
import type { TokenAnswer } from "../provider/identity-client.js";
import { forgetUnusedTokens } from "../session/session-end.js";
import { startSession } from "../session/session.js";
import type { StartedSession } from "../session/session.js";
import { readProfile } from "./profile.js";
import type { TenantRule } from "../provider/tenant.js";
import { earlierOf } from "../time.js";
import { saveTokenCache } from "../token/token-cache.js";

/** The callback and what its browser sent with it. */
export interface Callback extends ParsedCallback {
  /** From the cookie of the flow that the callback names. */
  readonly browserToken: string | undefined;
  /** The browser's present session cookie; a completed sign-in ends that session. */
  readonly sessionCookie?: string | undefined;
  readonly userAgent?: string | undefined;
}

/** A completed sign-in. */
export interface CompletedFlow extends SessionWithUser {
  readonly flowId: FlowId;
  readonly isNewUser: boolean;
  /** For the session cookie, and for nothing else. */
  readonly sessionToken: SessionToken;
  /** The page the visitor set out from. */
  readonly returnUrl: ReturnUrl;
  /** The browser's session that this one replaced. */
  readonly replaced: EndedSession | undefined;
}

/** The flow that waited for a callback, taken. */
interface WaitingFlow {
  readonly state: State;
  readonly flowId: FlowId;
  readonly flow: TakenFlow;
}

export interface SignInSettings {
  readonly tenantRule: TenantRule;
  readonly timeouts: SessionTimeouts;
  readonly onSignIn: OnSignIn | undefined;
  readonly onSignedIn: OnSignedIn | undefined;
  /** Whether the ID token is needed at the sign-out, and so is kept even where the app asked for no tokens. */
  readonly keepsIdToken?: boolean;
  /** How long the identity provider has for all that one callback asks of it. Defaults to 8000. */
  readonly providerTimeoutMilliseconds?: number;
}

const providerTimeoutMilliseconds = 8000;

/**
 * Completes the flow that the callback names, starts a session for the user who signed in, and reports either outcome. A
 * failure leaves the browser's present session as it was, unless it comes after the new session has replaced it: then both
 * have ended.
 */
export async function completeFlow(
  ports: Ports,
  report: AuthEventListener,
  settings: SignInSettings,
  callback: Callback,
): Promise<CompletedFlow> {
  let waiting: WaitingFlow | undefined;
  try {
    waiting = await takeWaitingFlow(ports, callback);
    const completed = await signIn(ports, report, settings, callback, waiting);
    reportCompleted(report, waiting.flowId, completed);
    return completed;
  } catch (error) {
    const failure = describeFailure(error, waiting?.flow.returnUrl);
    report({
      type: "flow.failed",
      flowId: callback.named?.flowId,
      code: failure.code,
      aadsts: failure.provider?.aadsts,
      userId: failure.userId as UserId | undefined,
      // Another browser's flow is left to that browser.
      flowWaited: waiting !== undefined || failure.code === "browser_mismatch",
    });
    throw failure;
  }
}

/**
 * Takes the flow that waits for the callback. This comes before anything else, so a callback is honoured at most once: a
 * second delivery of the same URL fails even while the first is still running.
 *
 * @throws {AuthError} `invalid_request`, `flow_not_found`, `browser_mismatch`, or what a callback that belongs to no flow
 *   says of itself: `admin_consent_returned`, or an error of the identity provider.
 */
async function takeWaitingFlow(
  ports: Ports,
  callback: Callback,
): Promise<WaitingFlow> {
  const { state, stateDigest, flowId } = requireNamedFlow(callback);
  try {
    const flow = await takeFlow(ports, stateDigest, callback.browserToken);
    return { state, flowId, flow };
  } catch (error) {
    if (!isAuthError(error) || error.code !== "flow_not_found") throw error;
    throw explainAdminConsent(callback.parameters) ?? error;
  }
}

/** Exchanges the code and starts the session. */
async function signIn(
  ports: Ports,
  report: AuthEventListener,
  settings: SignInSettings,
  callback: Callback,
  { state, flowId, flow }: WaitingFlow,
): Promise<CompletedFlow> {
  const signal = AbortSignal.timeout(
    settings.providerTimeoutMilliseconds ?? providerTimeoutMilliseconds,
  );
  const answer = await exchangeCode(ports, state, flow, callback, signal);
  const claims = await validate(ports, settings, flow, answer, signal);
  const { profile, hasGroupOverage } = readProfile(claims);
  const facts: SignInFacts = { idTokenClaims: claims, hasGroupOverage };
  const started = await startSession(ports, settings.timeouts, {
    profile: await decideProfile(ports, settings.onSignIn, profile, facts),
    providerSessionId: readText(claims["sid"]),
    logoutHint: readText(claims["login_hint"]),
    partitionKey: answer.partitionKey,
    userAgent: callback.userAgent,
    authenticatedAt: readAuthenticatedAt(claims, ports.now()),
    sessionCookie: callback.sessionCookie,
  });
  try {
    const original = { nonce: flow.nonce, authTime: claims.auth_time };
    // After the session: without one that refers to them, a sign-out elsewhere would forget these tokens.
    if (await keepsTokens(ports, settings, answer, flow.scopes))
      await saveTokenCache(
        ports,
        { ...answer, original },
        started.session.expiresAt,
      );
    await finish(ports, settings, answer, started, facts);
  } catch (error) {
    await abandon(ports, report, started);
    throw withDetails(toFailure(error), { userId: started.user.id });
  }
  return { ...started, flowId, returnUrl: flow.returnUrl };
}

async function exchangeCode(
  ports: Ports,
  state: State,
  flow: TakenFlow,
  callback: Callback,
  signal: AbortSignal,
): Promise<TokenAnswer> {
  const { requiresIssParameter, issuer } =
    await ports.identityClient.identityProvider.readMetadata(signal);
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
  const exchange = ports.identityClient.exchangeCode({
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
  ports: Ports,
  { tenantRule }: SignInSettings,
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
  const claims = await validateIdToken(ports, idToken, {
    tenantRule,
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
 * `client_info`, unsigned, decides MSAL's `homeAccountId`. For a guest it names another tenant and object; where it
 * names this tenant it has to name this person.
 */
function requireOwnAccount(
  { tid, oid }: IdTokenClaims,
  homeAccountId: string,
): void {
  const [uid, utid] = homeAccountId.split(".");
  if (utid === tid && uid !== oid) {
    throw new AuthError(
      "id_token_invalid",
      "The identity provider's ID token and client_info name different people.",
    );
  }
}

/**
 * Returns whether to keep the tokens: if the app asked for any, or for the sake of the ID token. A sign-in that asked for
 * none does not change those that an earlier one has kept for this account.
 */
async function keepsTokens(
  { tokenCacheStore, now }: Ports,
  { keepsIdToken = false }: SignInSettings,
  { partitionKey }: TokenAnswer,
  scopes: readonly string[],
): Promise<boolean> {
  if (scopes.length > 0) return true;
  if (!keepsIdToken) return false;
  return (await tokenCacheStore.find(partitionKey, now())) === undefined;
}

/** Does what has to follow the start of the session before the browser may have it. */
async function finish(
  ports: Ports,
  { onSignedIn }: SignInSettings,
  { partitionKey }: TokenAnswer,
  { user, isNewUser, replaced }: StartedSession,
  facts: SignInFacts,
): Promise<void> {
  // Another account's tokens end with its session, as when it had signed out; and these, if theirs has ended already.
  await forgetUnusedTokens(ports, [partitionKey, replaced?.partitionKey]);
  await onSignedIn?.({ user, isNewUser, ...facts });
}

/**
 * Ends the session that the browser will not receive, and reports the one that it replaced. If that fails too, the
 * session ends by its timeouts.
 */
async function abandon(
  ports: Ports,
  report: AuthEventListener,
  { session: { id, partitionKey }, replaced }: StartedSession,
): Promise<void> {
  reportReplaced(report, replaced);
  try {
    await ports.sessionStore.end(id);
    await forgetUnusedTokens(ports, [partitionKey, replaced?.partitionKey]);
  } catch {
    // The first failure is the one to report.
  }
}

/** A provider's clock that is ahead of ours must not make a sign-in look fresher than it is. */
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
