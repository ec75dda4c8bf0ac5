import {
  explainAdminConsent,
  parseAuthorizationResponse,
  parseState,
} from "./callback.js";
import type { CallbackParameters } from "./callback.js";
import { waitUntil } from "./deadline.js";
import { createDigest, createName } from "./digest.js";
import { AuthError, isAuthError } from "./error.js";
import { createFlowId, takeFlow } from "./flow.js";
import type { TakenFlow } from "./flow.js";
import { validateIdToken } from "./id-token.js";
import type { IdTokenClaims } from "./id-token.js";
import type {
  FlowId,
  PartitionKey,
  ReturnUrl,
  SessionId,
  SessionToken,
  State,
  UserId,
} from "./identifiers.js";
import type { OnSignIn } from "./options.js";
import type { SessionTimeouts } from "./session-timeouts.js";
import type { Ports, SignedIn, TokenAnswer } from "./ports.js";
import { forgetUnusedTokens } from "./session-end.js";
import { readSession, startSession, userDisabled } from "./session.js";
import { readProfile } from "./profile.js";
import type { TenantRule } from "./tenant.js";
import { earlierOf } from "./time.js";
import { saveTokenCache } from "./token-cache.js";
import type { User } from "./user.js";

/** The callback and what its browser sent with it. */
export interface Callback {
  readonly parameters: CallbackParameters;
  /** Answers the value of this flow's cookie. */
  readonly readBrowserToken: (flowId: FlowId) => string | undefined;
  /** The browser's present session cookie; a completed sign-in ends that session. */
  readonly sessionCookie?: string | undefined;
  readonly userAgent?: string | undefined;
}

/** A completed sign-in. */
export interface CompletedFlow extends SignedIn {
  readonly flowId: FlowId;
  readonly isNewUser: boolean;
  /** For the session cookie, and for nothing else. */
  readonly sessionToken: SessionToken;
  /** The page the visitor set out from. */
  readonly returnUrl: ReturnUrl;
  /** The browser's session that this one replaced. */
  readonly replaced: SignedIn | undefined;
}

/** The flow that waited for a callback, taken. */
export interface WaitingFlow {
  readonly state: State;
  readonly flowId: FlowId;
  readonly flow: TakenFlow;
}

export interface SignInSettings {
  readonly tenantRule: TenantRule;
  readonly timeouts: SessionTimeouts;
  readonly onSignIn: OnSignIn | undefined;
  /** Whether the ID token is needed at the sign-out, and so is kept even where the app asked for no tokens. */
  readonly keepsIdToken?: boolean;
  /** How long the identity provider has for all that one callback asks of it. Defaults to 8000. */
  readonly providerTimeoutMilliseconds?: number;
}

const providerTimeoutMilliseconds = 8000;

/** Answers the ID of the flow that the callback names, or `undefined` if it names none. */
export function readFlowId(parameters: CallbackParameters): FlowId | undefined {
  const { state } = parameters;
  return typeof state === "string"
    ? createFlowId(createDigest(state))
    : undefined;
}

/**
 * Takes the flow that waits for the callback. This comes before anything else, so a callback is honoured at most once: a
 * second delivery of the same URL fails even while the first is still running.
 *
 * @throws {AuthError} `invalid_request`, `flow_not_found`, `browser_mismatch`, or what a callback that belongs to no flow
 *   says of itself: `admin_consent_returned`, or an error of the identity provider.
 */
export async function takeWaitingFlow(
  ports: Ports,
  { parameters, readBrowserToken }: Callback,
): Promise<WaitingFlow> {
  const state = parseState(parameters);
  const flowId = createFlowId(createDigest(state));
  try {
    const flow = await takeFlow(ports, state, readBrowserToken(flowId));
    return { state, flowId, flow };
  } catch (error) {
    if (!isAuthError(error) || error.code !== "flow_not_found") throw error;
    throw explainAdminConsent(parameters) ?? error;
  }
}

/**
 * Completes the flow that was taken for the callback and starts a session for the user who signed in. A failure leaves
 * the browser's present session as it was, unless the store fails once the new session has replaced it: then both have
 * ended.
 */
export async function completeFlow(
  ports: Ports,
  settings: SignInSettings,
  callback: Callback,
  { state, flowId, flow }: WaitingFlow,
): Promise<CompletedFlow> {
  const signal = AbortSignal.timeout(
    settings.providerTimeoutMilliseconds ?? providerTimeoutMilliseconds,
  );
  const answer = await exchangeCode(ports, state, flow, callback, signal);
  const claims = await validate(ports, settings, flow, answer, signal);
  const { user, isNewUser } = await admit(ports, settings, claims);
  const replaced = await readSession(
    ports,
    settings.timeouts,
    callback.sessionCookie,
  );
  const { session, sessionToken } = await start(ports, settings, callback, {
    user,
    answer,
    claims,
    replaced,
    scopes: flow.scopes,
  });
  return {
    flowId,
    user,
    isNewUser,
    session,
    sessionToken,
    returnUrl: flow.returnUrl,
    replaced,
  };
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

async function admit(
  ports: Ports,
  { onSignIn }: SignInSettings,
  claims: IdTokenClaims,
): Promise<{ readonly user: User; readonly isNewUser: boolean }> {
  const candidateId = createName() as UserId;
  const { profile, hasGroupOverage } = readProfile(claims);
  const { roles, groups, ...identity } = profile;
  // Where the app decides on roles, nobody acts with the ID token's before it has: a sign-in that it refuses, or fails
  // to decide on, would otherwise hand them to the user's present sessions.
  const stored = await (onSignIn === undefined
    ? ports.userStore.upsert(candidateId, profile, ports.now())
    : ports.userStore.upsertIdentity(candidateId, identity, ports.now()));
  if (stored.disabledAt !== undefined) {
    throw userDisabled(stored.id);
  }
  const user: User = { ...stored, roles, groups };
  const isNewUser = user.id === candidateId;
  if (onSignIn === undefined) return { user, isNewUser };

  const decision = await onSignIn({
    user,
    isNewUser,
    idTokenClaims: claims,
    hasGroupOverage,
  });
  if (decision !== undefined && "refuse" in decision)
    throw new AuthError("sign_in_refused", decision.refuse, {
      userId: user.id,
    });
  const access = {
    roles: decision?.roles ?? roles,
    groups: decision?.groups ?? groups,
  };
  return {
    user: (await ports.userStore.setAccess(user.id, access)) ?? user,
    isNewUser,
  };
}

async function start(
  ports: Ports,
  settings: SignInSettings,
  callback: Callback,
  signIn: {
    readonly user: User;
    readonly answer: TokenAnswer;
    readonly claims: IdTokenClaims;
    readonly replaced: SignedIn | undefined;
    readonly scopes: readonly string[];
  },
): ReturnType<typeof startSession> {
  const { user, answer, claims, replaced, scopes } = signIn;
  const started = await startSession(ports, settings.timeouts, {
    userId: user.id,
    providerSessionId: readText(claims["sid"]),
    logoutHint: readText(claims["login_hint"]),
    partitionKey: answer.partitionKey,
    userAgent: callback.userAgent,
    authenticatedAt: readAuthenticatedAt(claims, ports.now()),
    replaces: replaced?.session.id,
  });
  const oldPartitionKey = replaced?.session.partitionKey;
  try {
    // After the session: without one that refers to them, a sign-out elsewhere would forget these tokens.
    if (await keepsTokens(ports, settings, answer, scopes))
      await saveTokenCache(ports, answer, settings.timeouts);
    // Another account's tokens end with its session, as when it had signed out; and these, if theirs has ended already.
    await forgetUnusedTokens(ports, [answer.partitionKey, oldPartitionKey]);
  } catch (error) {
    await abandon(ports, started.session.id, answer.partitionKey);
    throw error;
  }
  return started;
}

/**
 * Returns whether the tokens are worth keeping: where the app asked for any, and for the ID token's sake. A sign-in that
 * asked for none leaves those alone that an earlier one has kept for this account.
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

/** Ends a session whose browser will not hear of it. Where even that fails, it ends by its timeouts. */
async function abandon(
  { sessionStore, tokenCacheStore }: Ports,
  sessionId: SessionId,
  partitionKey: PartitionKey,
): Promise<void> {
  try {
    await sessionStore.end(sessionId);
    await tokenCacheStore.deleteUnused(partitionKey);
  } catch {
    // The first failure is the one that is told.
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
