import type { Administration } from "../core/administration/administration.js";
import type { Auth } from "../core/auth.js";
import { parseCallback } from "../core/sign-in/callback.js";
import type { CallbackParameters } from "../core/sign-in/callback.js";
import { AuthError, isAuthError, toFailure } from "../core/error.js";
import type { FlowRequest } from "../core/sign-in/flow.js";
import type { AccessToken, FlowId } from "../core/identifiers.js";
import type {
  StoredSession,
  SessionWithUser,
} from "../core/stores/session-store.js";
import type { CompletedFlow } from "../core/sign-in/complete-flow.js";
import { rateLimiterOf } from "./auth-limits.js";
import {
  countNewFlowCookies,
  createCookieNames,
  formatCookie,
  formatFlowValue,
  formatRemoval,
  listFlowCookieNames,
  listSurplusFlowCookies,
  parseCookies,
  readBrowserToken,
} from "./cookies.js";
import type { CookieNames } from "./cookies.js";
import { requireOpenHeaders } from "./open-headers.js";
import type { LimitedAction, RateLimiter } from "./rate-limiter.js";
import { requireSameOrigin } from "./same-origin.js";
import type { ReadHeader } from "./same-origin.js";

/** One HTTP request as the sign-in layer sees it: its cookies in, cookies and cache headers out. */
export interface RequestAuth {
  /** @throws {AuthError} `cross_site_request` unless a page of ours sent the request. */
  requireSameOrigin(): void;

  /** Initiates a flow, sets its cookie and returns where to send the browser. */
  login(request: FlowRequest): Promise<{ readonly authorizationUrl: string }>;

  /**
   * Completes the flow, removes its cookie and sets the session cookie. Throws as {@link Auth.completeFlow}. Only a
   * callback that finds no flow is counted: a visitor whose start was within the limit is not refused here.
   */
  callback(parameters: CallbackParameters): Promise<CompletedFlow>;

  /** Returns who is signed in, or `undefined` if nobody is; looks once a request. */
  readSession(): Promise<SessionWithUser | undefined>;

  /** @throws {AuthError} `not_signed_in` if nobody is. */
  requireSession(): Promise<SessionWithUser>;

  /** @throws {AuthError} `not_signed_in`, or `fresh_sign_in_required` unless the person proved who they are so recently. */
  requireFreshSignIn(maxAgeSeconds: number): Promise<SessionWithUser>;

  /** Returns the sessions of whoever is signed in, in all their browsers. */
  listSessions(): Promise<readonly StoredSession[]>;

  /**
   * Ends one of the sessions of whoever is signed in; of another browser's only after a recent sign-in.
   *
   * @throws {AuthError} `not_signed_in`, `fresh_sign_in_required`, `session_not_found`
   */
  revokeSession(sessionId: string, maxAgeSeconds: number): Promise<void>;

  /** Ends all sessions of whoever is signed in, removes our cookies, and returns as `logout`. */
  logoutEverywhere(): Promise<{ readonly logoutUrl: string }>;

  /** What administrators do; put a guard in front of it. */
  readonly administration: Administration;

  /** Ends the session, removes our cookies and returns where the browser signs out at the identity provider. */
  logout(): Promise<{ readonly logoutUrl: string }>;

  /**
   * Acquires an access token for whoever is signed in. It stays on the server.
   *
   * @throws {AuthError} `not_signed_in`, `interaction_required`
   */
  acquireAccessToken(scopes: readonly string[]): Promise<AccessToken>;
}

/** Makes the `RequestAuth` of each HTTP request. */
export type CreateRequestAuth = (exchange: HttpExchange) => RequestAuth;

/** The parts of an HTTP exchange that the sign-in layer reads and writes. */
export interface HttpExchange {
  readonly readHeader: ReadHeader;
  readonly responseHeaders: Headers;
  /** Where the request came from, for rate limits. */
  readonly clientAddress: string;
}

/** What `createAuthRequests` needs. */
export interface RequestAuthOptions {
  readonly auth: Auth;
  /** Defaults to the limiter of the option `rateLimit` of `createAuth`. */
  readonly rateLimiter?: RateLimiter | undefined;
  readonly now?: () => Date;
}

interface Exchange extends HttpExchange {
  readonly auth: Auth;
  readonly names: CookieNames;
  readonly rateLimiter: RateLimiter | undefined;
  readonly now: () => Date;
  readonly cookies: ReadonlyMap<string, string>;
}

/**
 * Returns the function that makes each request's {@link RequestAuth}. Made once, at start.
 *
 * @throws {TypeError} if the application's cookies cannot be safe at its origin.
 */
export function createAuthRequests(
  options: RequestAuthOptions,
): CreateRequestAuth {
  const { auth, now = () => new Date() } = options;
  const rateLimiter = options.rateLimiter ?? rateLimiterOf(auth);
  const names = createCookieNames(auth);

  return (httpExchange) => {
    // Whatever is answered may depend on who asks: no cache between us and the browser keeps it.
    httpExchange.responseHeaders.set("cache-control", "no-store");
    const cookies = parseCookies(httpExchange.readHeader("cookie"));
    return createAuthRequest({
      ...httpExchange,
      auth,
      names,
      rateLimiter,
      now,
      cookies,
    });
  };
}

function createAuthRequest(exchange: Exchange): RequestAuth {
  const { auth, names, cookies } = exchange;
  let signedIn: Promise<SessionWithUser | undefined> | undefined;

  const readSession = () =>
    (signedIn ??= auth.readSession(cookies.get(names.session)));
  const requireSession = async () => {
    const present = await readSession();
    if (present === undefined)
      throw new AuthError("not_signed_in", "Sign in first.");
    return present;
  };
  const requireFreshSignIn = async (maxAgeSeconds: number) => {
    const present = await requireSession();
    auth.requireFreshSignIn(present, maxAgeSeconds);
    return present;
  };
  return {
    readSession,
    requireSession,
    requireSameOrigin: () =>
      requireSameOrigin(exchange.readHeader, auth.origin),
    login: (request) => login(exchange, request, readSession),
    callback: async (parameters) => {
      const completed = await callback(exchange, parameters);
      signedIn = Promise.resolve(completed);
      return completed;
    },
    requireFreshSignIn,
    listSessions: async () => auth.listSessions(await requireSession()),
    revokeSession: async (sessionId, maxAgeSeconds) => {
      const present = await requireSession();
      const isOwn = present.session.id === sessionId;
      if (isOwn) requireOpenHeaders(exchange.readHeader);
      else auth.requireFreshSignIn(present, maxAgeSeconds);
      await auth.revokeSession(present, sessionId);
      if (!isOwn) return;
      removeCookies(exchange);
      signedIn = Promise.resolve(undefined);
    },
    administration: auth.administration,
    logout: async () => {
      requireOpenHeaders(exchange.readHeader);
      const logoutUrl = await auth.endSession(cookies.get(names.session));
      removeCookies(exchange);
      signedIn = Promise.resolve(undefined);
      return { logoutUrl };
    },
    logoutEverywhere: async () => {
      requireOpenHeaders(exchange.readHeader);
      const logoutUrl = await auth.endAllSessions(await requireSession());
      removeCookies(exchange);
      signedIn = Promise.resolve(undefined);
      return { logoutUrl };
    },
    acquireAccessToken: async (scopes) =>
      auth.acquireAccessToken(await requireSession(), { scopes }),
  };
}

async function login(
  exchange: Exchange,
  request: FlowRequest,
  readPresent: RequestAuth["readSession"],
): Promise<{ readonly authorizationUrl: string }> {
  const { auth, names, cookies, responseHeaders, now } = exchange;
  requireOpenHeaders(exchange.readHeader);
  await consume(exchange, "login");
  const { flowId, authorizationUrl, browserToken } = await auth.initiateFlow(
    await withOwnHint(request, readPresent),
  );
  // Counted after the wait: the other calls of a batch run at the same time.
  const alreadySet = countNewFlowCookies(names, responseHeaders);
  for (const surplus of listSurplusFlowCookies(names, cookies, alreadySet)) {
    responseHeaders.append("set-cookie", formatRemoval(names, surplus));
  }
  const value = formatFlowValue(browserToken, now());
  const cookie = formatCookie(
    names,
    `${names.flowPrefix}${flowId}`,
    value,
    auth.flowTimeoutSeconds,
  );
  responseHeaders.append("set-cookie", cookie);
  return { authorizationUrl };
}

/**
 * Returns the request with the `login_hint` claim where its hint is the user name of whoever is signed in: Entra knows a
 * guest by that claim alone.
 */
async function withOwnHint(
  request: FlowRequest,
  readPresent: RequestAuth["readSession"],
): Promise<FlowRequest> {
  const { loginHint } = request;
  if (loginHint === undefined) return request;
  const present = await readPresent();
  const ownName = present?.user.preferredUsername?.toLowerCase();
  return loginHint.toLowerCase() === ownName
    ? { ...request, loginHint: present?.session.logoutHint ?? loginHint }
    : request;
}

async function callback(
  exchange: Exchange,
  parameters: CallbackParameters,
): Promise<CompletedFlow> {
  const { auth, names, cookies, responseHeaders } = exchange;
  requireOpenHeaders(exchange.readHeader);
  const parsed = parseCallback(parameters);
  const flowId = parsed.named?.flowId;
  const completed = await auth
    .completeFlow({
      ...parsed,
      browserToken: readBrowserToken(names, cookies, flowId),
      sessionCookie: cookies.get(names.session),
      userAgent: exchange.readHeader("user-agent") ?? undefined,
    })
    .catch(async (error: unknown) => {
      const { code, isFlowTaken } = toFailure(error);
      // The flow still waits if the store could not be asked: the same callback may be delivered again.
      const mayStillWait = !isFlowTaken && code === "store_unavailable";
      if (!mayStillWait) removeFlowCookie(exchange, flowId);
      if (!isFlowTaken && !mayStillWait) await countLostCallback(exchange);
      throw error;
    });
  removeFlowCookie(exchange, flowId);
  const maxAgeSeconds = auth.sessionTimeouts.absoluteTimeoutSeconds;
  responseHeaders.append(
    "set-cookie",
    formatCookie(names, names.session, completed.sessionToken, maxAgeSeconds),
  );
  return completed;
}

/** Counts a callback that found no flow. Where it cannot be counted, the callback's own failure says more. */
async function countLostCallback(exchange: Exchange): Promise<void> {
  try {
    await consume(exchange, "callback");
  } catch (error) {
    if (toFailure(error).code === "rate_limited") throw error;
  }
}

/** Counts the action against the address's budget; the answer says when there is one again. */
async function consume(
  { rateLimiter, clientAddress, responseHeaders }: Exchange,
  action: LimitedAction,
): Promise<void> {
  try {
    await rateLimiter?.consume(action, clientAddress);
  } catch (error) {
    if (isAuthError(error) && error.retryAfterSeconds !== undefined)
      responseHeaders.set("retry-after", String(error.retryAfterSeconds));
    throw error;
  }
}

/** The flow is consumed whatever becomes of it, so its cookie has served. */
function removeFlowCookie(
  { names, cookies, responseHeaders }: Exchange,
  flowId: FlowId | undefined,
): void {
  const name = `${names.flowPrefix}${flowId ?? ""}`;
  if (cookies.has(name))
    responseHeaders.append("set-cookie", formatRemoval(names, name));
}

/** The browser is signed out: nothing of ours stays in it. */
function removeCookies({
  auth,
  names,
  cookies,
  responseHeaders,
}: Exchange): void {
  for (const name of [names.session, ...listFlowCookieNames(names, cookies)]) {
    responseHeaders.append("set-cookie", formatRemoval(names, name));
  }
  // Not "cookies": that reaches every application of the whole registrable domain, and ours are removed by name. Not
  // "cache": with a full one the browser takes seconds, and nothing of ours is in it.
  if (auth.clearsStorage) responseHeaders.set("clear-site-data", '"storage"');
}
