import type { Administration } from "../core/administration/administration.js";
import type { Auth } from "../core/auth.js";
import { parseCallback } from "../core/sign-in/callback.js";
import type { CallbackParameters } from "../core/sign-in/callback.js";
import { readParts } from "../core/auth-parts.js";
import { AuthError, toFailure } from "../core/error.js";
import type { FlowRequest } from "../core/sign-in/flow.js";
import type { AccessToken, FlowId } from "../core/identifiers.js";
import { createNotSignedInError } from "../core/session/active-session.js";
import type {
  ActiveSession,
  OwnSession,
} from "../core/session/active-session.js";
import type { NoColumns } from "../core/stores/user-extension.js";
import type { CompletedFlow } from "../core/sign-in/complete-flow.js";
import type { Bearer } from "../core/token/bearer-token.js";
import { rateLimiterOf, reportUnknownAddress } from "./auth-limits.js";
import { formatBearerChallenge, requireBearer } from "./bearer.js";
import type { BearerOptions } from "./bearer.js";
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
import type { ResponseHeaders } from "./response-headers.js";
import { refuseSentHeaders } from "./streamed-batch.js";
import type { LimitedAction, RateLimiter } from "./rate-limiter.js";
import { hasBearerToken, requireSameOrigin } from "./same-origin.js";
import type { ReadHeader } from "./same-origin.js";

/**
 * `Auth` for one HTTP request: reads the request's cookies, and sets the response's cookies and cache headers. `Columns`
 * are the app's own columns of a user.
 */
export interface RequestAuth<Columns = NoColumns> {
  /** @throws {AuthError} `cross_site_request` unless a page of the application sent the request. */
  requireSameOrigin(): void;

  /** @throws {AuthError} `invalid_request` if the request has a bearer token: no cookie is read or set for it. */
  refuseBearerToken(): void;

  /**
   * Returns who sent the request, from its access token. Cookies are not read. Sets `WWW-Authenticate` if it throws.
   *
   * @throws {AuthError} `not_signed_in`, `bearer_invalid`, `scope_required`, `role_required`, `invalid_request`
   */
  requireBearer(options?: BearerOptions): Promise<Bearer>;

  /** Initiates a flow, sets its cookie and returns the URL to send the browser to. */
  login(request: FlowRequest): Promise<{ readonly authorizationUrl: string }>;

  /**
   * Completes the flow, removes its cookie and sets the session cookie. Throws the errors of {@link Auth.completeFlow}.
   * Only a callback without a flow counts against the rate limit, so a visitor whose start was allowed is not refused
   * here.
   */
  callback(parameters: CallbackParameters): Promise<CompletedFlow>;

  /** Returns the session and its user, or `undefined` for a visitor who is not signed in. Reads the store only once. */
  readSession(): Promise<ActiveSession<Columns> | undefined>;

  /** @throws {AuthError} `not_signed_in` */
  requireSession(): Promise<ActiveSession<Columns>>;

  /**
   * Reads the session of this request from the store again, without renewing it. Open streams call it.
   *
   * @throws {AuthError} `not_signed_in` if the session has ended since; `store_unavailable`
   */
  recheckSession(): Promise<void>;

  /** @throws {AuthError} `not_signed_in`; `fresh_sign_in_required` if the user authenticated longer ago than that. */
  requireFreshSignIn(maxAgeSeconds: number): Promise<ActiveSession<Columns>>;

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
export type CreateRequestAuth<Columns = NoColumns> = (
  exchange: HttpExchange,
) => RequestAuth<Columns>;

/** The parts of an HTTP exchange that the sign-in layer reads and writes. */
export interface HttpExchange {
  readonly readHeader: ReadHeader;
  readonly responseHeaders: ResponseHeaders;
  /** The address that rate limits count by. If it is unknown, sign-ins are not limited. */
  readonly clientAddress?: string | undefined;
  /** The request's method. Without it, every request needs `x-csrf`, and subscriptions by `EventSource` are refused. */
  readonly method?: string | undefined;
  /** The path and query, in which an access token is refused. */
  readonly url?: string | undefined;
}

/** The options of `createRequestAuthFactory`. */
export interface RequestAuthOptions<Columns = NoColumns> {
  readonly auth: Auth<Columns>;
  /** Defaults to the limiter of the option `rateLimit` of `createAuth`. */
  readonly rateLimiter?: RateLimiter | undefined;
  readonly now?: (() => Date) | undefined;
}

interface Settings<Columns = NoColumns> {
  readonly auth: Auth<Columns>;
  readonly names: CookieNames;
  readonly rateLimiter: RateLimiter | undefined;
  readonly now: () => Date;
}

interface Exchange<Columns = NoColumns> extends Settings<Columns> {
  readonly http: HttpExchange;
  readonly cookies: ReadonlyMap<string, string>;
}

/**
 * Creates the function that creates the {@link RequestAuth} of each request. Call it once, at start.
 *
 * @throws {TypeError} if the application's cookies cannot be safe at its origin.
 */
export function createRequestAuthFactory<Columns = NoColumns>(
  options: RequestAuthOptions<Columns>,
): CreateRequestAuth<Columns> {
  const { auth, now = () => new Date() } = options;
  const rateLimiter = options.rateLimiter ?? rateLimiterOf(auth);
  const names = createCookieNames(auth);

  return (http) => {
    // The response may depend on the user, so no cache may store it.
    http.responseHeaders.set("cache-control", "no-store");
    const isBearer = hasBearerToken(http.readHeader);
    const cookies = parseCookies(isBearer ? null : http.readHeader("cookie"));
    return createRequestAuth({
      auth,
      names,
      rateLimiter,
      now,
      http,
      cookies,
    });
  };
}

function createRequestAuth<Columns>(
  exchange: Exchange<Columns>,
): RequestAuth<Columns> {
  const { auth, names, cookies, http } = exchange;
  let sessionCookie = cookies.get(names.session);
  let active: Promise<ActiveSession<Columns> | undefined> | undefined;

  const readSession = () => (active ??= auth.readSession(sessionCookie));
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
    recheckSession: async () => {
      const present = await requireSession();
      const isStill = await readParts(auth)?.refreshSession(present);
      if (isStill === undefined) throw createNotSignedInError();
    },
    requireSameOrigin: () =>
      requireSameOrigin(http.readHeader, auth.origin, http.method),
    refuseBearerToken: () => refuseBearerToken(exchange),
    requireBearer: (options) => requireRequestBearer(exchange, options),
    login: (request) => login(exchange, request, readSession),
    callback: async (parameters) => {
      const completed = await callback(exchange, parameters);
      // The rest of a batch reads the new session, with the app's own columns of the user.
      sessionCookie = completed.sessionToken;
      active = undefined;
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
      if (isOwn) refuseSentHeaders(http.readHeader);
      else await auth.requireFreshSignIn(present, maxAgeSeconds);
      await auth.revokeSession(present, sessionId);
      if (isOwn) removeSession();
    },
    administration: auth.administration,
    logout: async () => {
      refuseBearerToken(exchange);
      refuseSentHeaders(http.readHeader);
      const logoutUrl = await auth.endSession(cookies.get(names.session));
      removeSession();
      return { logoutUrl };
    },
    logoutEverywhere: async () => {
      refuseSentHeaders(http.readHeader);
      const logoutUrl = await auth.endAllSessions(await requireSession());
      removeSession();
      return { logoutUrl };
    },
    acquireAccessToken: async (scopes) =>
      auth.acquireAccessToken(await requireSession(), { scopes }),
  };
}

async function requireRequestBearer(
  { auth, http }: Exchange,
  options?: BearerOptions,
): Promise<Bearer> {
  const { readHeader, url = "" } = http;
  try {
    return await requireBearer(auth, { readHeader, url }, options);
  } catch (error) {
    const challenge = formatBearerChallenge(error, options);
    if (challenge !== undefined)
      http.responseHeaders.set("www-authenticate", challenge);
    throw error;
  }
}

/** A request with a bearer token has no session, and its response sets no cookie. */
function refuseBearerToken({ http }: Exchange): void {
  if (hasBearerToken(http.readHeader))
    throw new AuthError(
      "invalid_request",
      "A request with a bearer token cannot sign in or out, because no cookie is read or set for it. Send it without the header Authorization.",
    );
}

async function login(
  exchange: Exchange,
  request: FlowRequest,
  readSession: RequestAuth["readSession"],
): Promise<{ readonly authorizationUrl: string }> {
  const { auth, names, cookies, now, http } = exchange;
  const { responseHeaders } = http;
  refuseBearerToken(exchange);
  refuseSentHeaders(http.readHeader);
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
  const { auth, names, cookies, http } = exchange;
  refuseBearerToken(exchange);
  refuseSentHeaders(http.readHeader);
  const parsed = parseCallback(parameters);
  const flowId = parsed.named?.flowId;
  const completed = await auth
    .completeFlow({
      ...parsed,
      browserToken: readBrowserToken(names, cookies, flowId),
      sessionCookie: cookies.get(names.session),
      userAgent: http.readHeader("user-agent") ?? undefined,
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
  http.responseHeaders.append(
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
  { auth, rateLimiter, http }: Exchange,
  action: LimitedAction,
): Promise<void> {
  if (rateLimiter === undefined) return;
  const { clientAddress } = http;
  if (clientAddress === undefined) return reportUnknownAddress(auth);
  try {
    await rateLimiter.consume(action, clientAddress);
  } catch (error) {
    setRetryAfter(http.responseHeaders, toFailure(error));
    throw error;
  }
}

/** A failed callback consumes its flow too, so the cookie is useless. */
function removeFlowCookie(
  { names, cookies, http }: Exchange,
  flowId: FlowId | undefined,
): void {
  const name = `${names.flowPrefix}${flowId ?? ""}`;
  if (cookies.has(name))
    http.responseHeaders.append("set-cookie", formatRemoval(names, name));
}

/** Removes the cookies of the session and of all flows. */
function removeCookies({
  auth,
  names,
  cookies,
  http: { responseHeaders },
}: Exchange): void {
  for (const name of [names.session, ...listFlowCookieNames(names, cookies)]) {
    responseHeaders.append("set-cookie", formatRemoval(names, name));
  }
  // Not "cookies": that would remove the cookies of every application on the registrable domain, and ours are removed
  // by name. Not "cache": it takes seconds with a full cache, and our responses are not cached.
  if (auth.clearsStorage) responseHeaders.set("clear-site-data", '"storage"');
}
