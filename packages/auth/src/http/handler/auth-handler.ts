import type { Auth } from "../../core/auth.js";
import { AuthError } from "../../core/error.js";
import { rateLimiterOf, reportUnknownAddress } from "../auth-limits.js";
import { createRequestAuthFactory } from "../request-auth.js";
import type { CreateRequestAuth } from "../request-auth.js";
import type { Route, RouteRequest, Routes } from "./auth-route.js";
import { parseBasePath } from "./base-path.js";
import type { BasePath } from "./base-path.js";
import { channelSignOutRoutes } from "./channel-sign-out-routes.js";
import { createSessionCookieReader } from "../cookies.js";
import { createFailureResponse } from "./failure-response.js";
import type { RenderError } from "./failure-response.js";
import type { RateLimiter } from "../rate-limiter.js";
import { isPrefetch } from "../same-origin.js";
import { createCommonHeaders } from "../security-headers.js";
import { meRoutes, signInRoutes } from "./sign-in-routes.js";

/**
 * Responds to a request to one of the sign-in routes; `undefined` for a request to any other path. Without the client's
 * address, sign-ins are not limited by address.
 */
export type AuthHandler = (
  request: Request,
  peer?: { readonly clientAddress?: string | undefined },
) => Promise<Response | undefined>;

/** The options of `createChannelSignOutHandler`. */
export interface ChannelSignOutHandlerOptions {
  readonly auth: Auth;
  /** Defaults to the limiter of the option `rateLimit` of `createAuth`. */
  readonly rateLimiter?: RateLimiter | undefined;
  /**
   * The path of the routes within the application. It also matches if a proxy strips the path of `appUrl`. Defaults to
   * `/auth`.
   */
  readonly basePath?: string | undefined;
}

/** The options of `createAuthHandler`. */
export interface AuthHandlerOptions extends ChannelSignOutHandlerOptions {
  /** Renders the page of a failure. Defaults to a plain page of this package. */
  readonly renderError?: RenderError | undefined;
}

/**
 * Creates the handler for an app that signs in and out by navigations. The routes are `GET` and `POST /auth/login`,
 * `GET /auth/callback`, `POST /auth/logout`, `GET /auth/me`, `GET /auth/front-channel-logout` and
 * `POST /auth/back-channel-logout`. It responds with 404 to all other paths below the base path.
 *
 * @throws {TypeError} if the cookies of `auth` are not `SameSite=Lax`, which the navigation from the identity provider
 *   needs, or if its redirect URI is not the route `/callback`.
 */
export function createAuthHandler(options: AuthHandlerOptions): AuthHandler {
  const { auth } = options;
  const basePath = parseBasePath(auth.appUrl, options.basePath);
  requireLaxCookies(auth);
  requireCallbackRoute(auth, `${basePath.routesUrl}/callback`);
  return createHandler(options, {
    basePath,
    routes: { ...signInRoutes, ...meRoutes, ...channelSignOutRoutes },
    ownsEverything: true,
  });
}

/**
 * Creates the handler for an app that signs in through tRPC. It has the two routes that the identity provider calls to
 * sign a user out, and `GET /auth/me`. The other paths below the base path belong to the app.
 */
export function createChannelSignOutHandler(
  options: ChannelSignOutHandlerOptions,
): AuthHandler {
  return createHandler(options, {
    basePath: parseBasePath(options.auth.appUrl, options.basePath),
    routes: { ...meRoutes, ...channelSignOutRoutes },
    ownsEverything: false,
  });
}

interface Site {
  readonly basePath: BasePath;
  readonly routes: Routes;
  /** Whether the handler responds with 404 to unknown paths below the base path, or leaves them to the app. */
  readonly ownsEverything: boolean;
}

function requireLaxCookies({ sameSite }: Auth): void {
  if (sameSite === "lax") return;
  throw new TypeError(
    'createAuthHandler needs createAuth({ sameSite: "lax" }): the callback is a navigation from the identity provider\'s site, and browsers send no SameSite=Strict cookies with it. For a single-page app with tRPC, use createChannelSignOutHandler.',
  );
}

function requireCallbackRoute({ redirectUri }: Auth, callback: string): void {
  if (redirectUri.replace(/\/$/, "") === callback) return;
  throw new TypeError(
    `createAuthHandler completes sign-ins at ${callback}, but the redirect URI of the identity client is ${redirectUri}. Change the redirect URI, or basePath.`,
  );
}

function createHandler(
  options: AuthHandlerOptions,
  { basePath, routes, ownsEverything }: Site,
): AuthHandler {
  const { auth, rateLimiter = rateLimiterOf(auth) } = options;
  const createRequestAuth = createRequestAuthFactory({
    auth,
    rateLimiter: withoutStarts(rateLimiter),
  });
  const readSessionCookie = createSessionCookieReader(auth);
  const paths = new Set(
    Object.keys(routes).map((name) => name.slice(name.indexOf("/"))),
  );
  return async (request, peer) => {
    const url = new URL(request.url);
    const path = basePath.cut(url.pathname);
    if (path === undefined || !(ownsEverything || paths.has(path)))
      return undefined;
    const routeRequest = createRouteRequest(
      { auth, request, url, routesUrl: basePath.routesUrl },
      { createRequestAuth, readSessionCookie, rateLimiter },
      peer?.clientAddress,
    );
    // First, because a prefetch must not start, complete, end or count anything.
    if (isPrefetch(routeRequest.readHeader)) return createRefusal(routeRequest);
    const name = `${request.method} ${path}`;
    const route = Object.hasOwn(routes, name) ? routes[name] : undefined;
    return respond(options, route, routeRequest);
  };
}

/** The routes count a start before they parse the request, so `RequestAuth.login` must not count it again. */
function withoutStarts(
  rateLimiter: RateLimiter | undefined,
): RateLimiter | undefined {
  return (
    rateLimiter && {
      consume: async (action, clientAddress) =>
        action === "login"
          ? undefined
          : rateLimiter.consume(action, clientAddress),
    }
  );
}

function createRouteRequest(
  parts: Pick<RouteRequest, "auth" | "request" | "url" | "routesUrl">,
  tools: {
    readonly createRequestAuth: CreateRequestAuth;
    readonly readSessionCookie: ReturnType<typeof createSessionCookieReader>;
    readonly rateLimiter: RateLimiter | undefined;
  },
  clientAddress: string | undefined,
): RouteRequest {
  const headers = new Headers(createCommonHeaders(parts.auth));
  const readHeader = (name: string) => parts.request.headers.get(name);
  return {
    ...parts,
    headers,
    readHeader,
    sessionCookie: tools.readSessionCookie(readHeader("cookie")),
    count: async (action) => {
      if (tools.rateLimiter === undefined) return;
      if (clientAddress === undefined) return reportUnknownAddress(parts.auth);
      await tools.rateLimiter.consume(action, clientAddress);
    },
    requestAuth: tools.createRequestAuth({
      readHeader,
      responseHeaders: headers,
      clientAddress,
    }),
  };
}

function createRefusal({ headers }: RouteRequest): Response {
  return new Response(undefined, { status: 503, headers });
}

async function respond(
  { renderError }: AuthHandlerOptions,
  route: Route | undefined,
  routeRequest: RouteRequest,
): Promise<Response> {
  const { auth, readHeader, headers } = routeRequest;
  const common = {
    startPage: `${auth.appUrl}/`,
    settings: auth,
    renderError,
    isNavigation:
      readHeader("accept")?.toLowerCase().includes("text/html") === true,
  };
  try {
    if (route !== undefined) return await route.respond(routeRequest);
    const error = new AuthError("invalid_request", "There is no such page.");
    const missing = { ...common, error, status: 404, tryAgainUrl: undefined };
    return addHeaders(await createFailureResponse(missing), headers);
  } catch (error) {
    const tryAgainUrl = route?.findTryAgainUrl?.(routeRequest, error);
    return addHeaders(
      await createFailureResponse({ ...common, error, tryAgainUrl }),
      headers,
    );
  }
}

/** Adds the headers that the route has set so far: removed cookies and the common security headers. */
function addHeaders(response: Response, headers: Headers): Response {
  for (const [name, value] of headers) {
    if (name === "set-cookie") response.headers.append(name, value);
    else if (!response.headers.has(name)) response.headers.set(name, value);
  }
  return response;
}
