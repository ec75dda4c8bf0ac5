import type { Administration } from "../core/administration/administration.js";
import type { Auth } from "../core/auth.js";
import type { CallbackParameters } from "../core/sign-in/callback.js";
import { readParts } from "../core/auth-parts.js";
import type { FlowRequest } from "../core/sign-in/flow.js";
import type { AccessToken } from "../core/identifiers.js";
import { createNotSignedInError } from "../core/session/active-session.js";
import type {
  ActiveSession,
  OwnSession,
} from "../core/session/active-session.js";
import type { NoColumns } from "../core/stores/user-extension.js";
import type { CompletedFlow } from "../core/sign-in/complete-flow.js";
import type { Bearer } from "../core/token/bearer-token.js";
import { rateLimiterOf } from "./auth-limits.js";
import { formatBearerChallenge, requireBearer } from "./bearer.js";
import type { BearerOptions } from "./bearer.js";
import {
  createCookieNames,
  formatRemoval,
  listFlowCookieNames,
  parseCookies,
} from "./cookies.js";
import { refuseBearerToken } from "./exchange.js";
import type { Exchange, HttpExchange } from "./exchange.js";
import { callback, login } from "./request-flow.js";
import { refuseSentHeaders } from "./streamed-batch.js";
import type { RateLimiter } from "./rate-limiter.js";
import { hasBearerToken, requireSameOrigin } from "./same-origin.js";

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

/** The options of `createRequestAuthFactory`. */
export interface RequestAuthOptions<Columns = NoColumns> {
  readonly auth: Auth<Columns>;
  /** Defaults to the limiter of the option `rateLimit` of `createAuth`. */
  readonly rateLimiter?: RateLimiter | undefined;
  readonly now?: (() => Date) | undefined;
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
