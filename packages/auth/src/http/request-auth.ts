import type { Administration } from "../core/administration/administration.js";
import type { Auth } from "../core/auth.js";
import { parseCallback } from "../core/sign-in/callback.js";
import type { CallbackParameters } from "../core/sign-in/callback.js";
import { toFailure } from "../core/error.js";
import type { FlowRequest } from "../core/sign-in/flow.js";
import type { AccessToken, FlowId } from "../core/identifiers.js";
import { createNotSignedInError } from "../core/session/active-session.js";
import type {
  ActiveSession,
  OwnSession,
} from "../core/session/active-session.js";
import type { CompletedFlow } from "../core/sign-in/complete-flow.js";
import { rateLimiterOf, reportUnknownAddress } from "./auth-limits.js";
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
import { setRetryAfter } from "./error-response.js";
import { refuseStreamedBatch } from "./streamed-batch.js";
import type { LimitedAction, RateLimiter } from "./rate-limiter.js";
import { requireSameOrigin } from "./same-origin.js";
import type { ReadHeader } from "./same-origin.js";

/** `Auth` for one HTTP request: reads the request's cookies, and sets the response's cookies and cache headers. */
export interface RequestAuth {
  /** @throws {AuthError} `cross_site_request` unless a page of the application sent the request. */
  requireSameOrigin(): void;

  /** Initiates a flow, sets its cookie and returns the URL to send the browser to. */
  login(request: FlowRequest): Promise<{ readonly authorizationUrl: string }>;

  /**
   * Completes the flow, removes its cookie and sets the session cookie. Throws the errors of {@link Auth.completeFlow}.
   * Only a callback without a flow counts against the rate limit, so a visitor whose start was allowed is not refused
   * here.
   */
  callback(parameters: CallbackParameters): Promise<CompletedFlow>;

  /** Returns the session and its user, or `undefined` for a visitor who is not signed in. Reads the store only once. */
  readSession(): Promise<ActiveSession | undefined>;

  /** @throws {AuthError} `not_signed_in` */
  requireSession(): Promise<ActiveSession>;

  /** @throws {AuthError} `not_signed_in`; `fresh_sign_in_required` if the user authenticated longer ago than that. */
  requireFreshSignIn(maxAgeSeconds: number): Promise<ActiveSession>;

  /**
   * Returns the user's sessions in all browsers.
   *
   * @throws {AuthError} `not_signed_in`
   */
  listSessions(): Promise<readonly OwnSession[]>;

  /**
   * Ends one of the user's sessions. A session in another browser requires a recent sign-in.
   *
   * @throws {AuthError} `not_signed_in`, `fresh_sign_in_required`, `session_not_found`
   */
  revokeSession(sessionId: string, maxAgeSeconds: number): Promise<void>;

  /** Ends all sessions of the user, removes the cookies, and returns the same as `logout`. */
  logoutEverywhere(): Promise<{ readonly logoutUrl: string }>;

  /** The operations for administrators. Check the user's role before you call them. */
  readonly administration: Administration;

  /** Ends the session, removes the cookies and returns the URL that signs out at the identity provider. */
  logout(): Promise<{ readonly logoutUrl: string }>;

  /**
   * Acquires an access token for the user. Keep it on the server.
   *
   * @throws {AuthError} `not_signed_in`, `interaction_required`
   */
  acquireAccessToken(scopes: readonly string[]): Promise<AccessToken>;
}

/** Creates the `RequestAuth` of an HTTP request. */
export type CreateRequestAuth = (exchange: HttpExchange) => RequestAuth;

/** The parts of an HTTP exchange that the sign-in layer reads and writes. */
export interface HttpExchange {
  readonly readHeader: ReadHeader;
  readonly responseHeaders: Headers;
  /** The address that rate limits count by. If it is unknown, sign-ins are not limited. */
  readonly clientAddress?: string | undefined;
}

/** The options of `createRequestAuthFactory`. */
export interface RequestAuthOptions {
  readonly auth: Auth;
  /** Defaults to the limiter of the option `rateLimit` of `createAuth`. */
  readonly rateLimiter?: RateLimiter | undefined;
  readonly now?: (() => Date) | undefined;
}

interface Exchange extends HttpExchange {
  readonly auth: Auth;
  readonly names: CookieNames;
  readonly rateLimiter: RateLimiter | undefined;
  readonly now: () => Date;
  readonly cookies: ReadonlyMap<string, string>;
}

/**
 * Creates the function that creates the {@link RequestAuth} of each request. Call it once, at start.
 *
 * @throws {TypeError} if the application's cookies cannot be safe at its origin.
 */
export function createRequestAuthFactory(
  options: RequestAuthOptions,
): CreateRequestAuth {
  const { auth, now = () => new Date() } = options;
  const rateLimiter = options.rateLimiter ?? rateLimiterOf(auth);
  const names = createCookieNames(auth);

  return (httpExchange) => {
    // The response may depend on the user, so no cache may store it.
    httpExchange.responseHeaders.set("cache-control", "no-store");
    const cookies = parseCookies(httpExchange.readHeader("cookie"));
    return createRequestAuth({
      ...httpExchange,
      auth,
      names,
      rateLimiter,
      now,
      cookies,
    });
  };
}

function createRequestAuth(exchange: Exchange): RequestAuth {
  const { auth, names, cookies } = exchange;
  let active: Promise<ActiveSession | undefined> | undefined;

  const readSession = () =>
    (active ??= auth.readSession(cookies.get(names.session)));
  const requireSession = async () => {
    const present = await readSession();
    if (present === undefined) throw createNotSignedInError();
    return present;
  };
  const removeSession = () => {
    removeCookies(exchange);
    active = Promise.resolve(undefined);
  };
  return {
    readSession,
    requireSession,
    requireSameOrigin: () =>
      requireSameOrigin(exchange.readHeader, auth.origin),
    login: (request) => login(exchange, request, readSession),
    callback: async (parameters) => {
      const completed = await callback(exchange, parameters);
      const { user, session } = completed;
      // Without the session token.
      active = Promise.resolve({ user, session });
      return completed;
    },
    requireFreshSignIn: async (maxAgeSeconds) => {
      const present = await requireSession();
      await auth.requireFreshSignIn(present, maxAgeSeconds);
      return present;
    },
    listSessions: async () => auth.listSessions(await requireSession()),
    revokeSession: async (sessionId, maxAgeSeconds) => {
      const present = await requireSession();
      const isOwn = present.session.id === sessionId;
      if (isOwn) refuseStreamedBatch(exchange.readHeader);
      else await auth.requireFreshSignIn(present, maxAgeSeconds);
      await auth.revokeSession(present, sessionId);
      if (isOwn) removeSession();
    },
    administration: auth.administration,
    logout: async () => {
      refuseStreamedBatch(exchange.readHeader);
      const logoutUrl = await auth.endSession(cookies.get(names.session));
      removeSession();
      return { logoutUrl };
    },
    logoutEverywhere: async () => {
      refuseStreamedBatch(exchange.readHeader);
      const logoutUrl = await auth.endAllSessions(await requireSession());
      removeSession();
      return { logoutUrl };
    },
    acquireAccessToken: async (scopes) =>
      auth.acquireAccessToken(await requireSession(), { scopes }),
  };
}

async function login(
  exchange: Exchange,
  request: FlowRequest,
  readSession: RequestAuth["readSession"],
): Promise<{ readonly authorizationUrl: string }> {
  const { auth, names, cookies, responseHeaders, now } = exchange;
  refuseStreamedBatch(exchange.readHeader);
  await consume(exchange, "login");
  // The session is needed only for the login hint.
  const active =
    request.loginHint === undefined ? undefined : await readSession();
  const { flowId, authorizationUrl, browserToken } = await auth.initiateFlow(
    request,
    active,
  );
  // Counted after the await, because the other calls of a batch run concurrently.
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

async function callback(
  exchange: Exchange,
  parameters: CallbackParameters,
): Promise<CompletedFlow> {
  const { auth, names, cookies, responseHeaders } = exchange;
  refuseStreamedBatch(exchange.readHeader);
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
      // If the store was unavailable, the flow is still pending and the same callback can be sent again.
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

/** Counts a callback without a flow. If the count fails, the callback's own failure is reported. */
async function countLostCallback(exchange: Exchange): Promise<void> {
  try {
    await consume(exchange, "callback");
  } catch (error) {
    if (toFailure(error).code === "rate_limited") throw error;
  }
}

/** Counts the action against the rate limit of the address. */
async function consume(
  { auth, rateLimiter, clientAddress, responseHeaders }: Exchange,
  action: LimitedAction,
): Promise<void> {
  if (rateLimiter === undefined) return;
  if (clientAddress === undefined) return reportUnknownAddress(auth);
  try {
    await rateLimiter.consume(action, clientAddress);
  } catch (error) {
    setRetryAfter(responseHeaders, toFailure(error));
    throw error;
  }
}

/** A failed callback consumes its flow too, so the cookie is useless. */
function removeFlowCookie(
  { names, cookies, responseHeaders }: Exchange,
  flowId: FlowId | undefined,
): void {
  const name = `${names.flowPrefix}${flowId ?? ""}`;
  if (cookies.has(name))
    responseHeaders.append("set-cookie", formatRemoval(names, name));
}

/** Removes the cookies of the session and of all flows. */
function removeCookies({
  auth,
  names,
  cookies,
  responseHeaders,
}: Exchange): void {
  for (const name of [names.session, ...listFlowCookieNames(names, cookies)]) {
    responseHeaders.append("set-cookie", formatRemoval(names, name));
  }
  // Not "cookies": that would remove the cookies of every application on the registrable domain, and ours are removed
  // by name. Not "cache": it takes seconds with a full cache, and our responses are not cached.
  if (auth.clearsStorage) responseHeaders.set("clear-site-data", '"storage"');
}
