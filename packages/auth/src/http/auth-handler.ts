import type { CallbackParameters } from "../core/callback.js";
import type { Auth } from "../core/auth.js";
import { AuthError } from "../core/error.js";
import type { FlowRequest } from "../core/flow.js";
import {
  parseCallbackParameters,
  parseFlowRequest,
} from "../core/flow-request.js";
import { createAuthRequests } from "./auth-request.js";
import type { AuthRequest, CreateAuthRequest } from "./auth-request.js";
import {
  createFailurePage,
  createReloadPage,
  createRepostPage,
} from "./auth-page.js";
import { createErrorResponse } from "./error-response.js";
import type { RateLimiter } from "./rate-limiter.js";
import {
  requireNavigation,
  requireOwnForm,
  requireSignOutFrame,
} from "./same-origin.js";
import type { ReadHeader } from "./same-origin.js";
import { createCommonHeaders } from "./security-headers.js";

/** Answers a request to one of the sign-in routes, or `undefined` if the request is for somebody else. */
export type AuthHandler = (
  request: Request,
  peer?: { readonly clientAddress?: string },
) => Promise<Response | undefined>;

/** What `createAuthHandler` needs. */
export interface AuthHandlerOptions {
  readonly auth: Auth;
  readonly rateLimiter?: RateLimiter | undefined;
  /** Where the routes live. Defaults to `/auth`; the redirect URI is this and `/callback`. */
  readonly basePath?: string;
}

interface Route {
  readonly request: Request;
  readonly url: URL;
  readonly auth: Auth;
  readonly authRequest: AuthRequest;
  readonly headers: Headers;
  readonly readHeader: ReadHeader;
  /** @throws {AuthError} `rate_limited` */
  readonly limitChannelLogout: () => Promise<void>;
}

type Answer = (route: Route) => Promise<Response>;

/**
 * Makes the handler for an app without a single-page app: it signs in and out by navigations.
 *
 * `GET /auth/login?returnUrl=` starts; `GET|POST /auth/callback` completes and goes to the return URL; `POST /auth/logout`
 * ends the session; `GET /auth/front-channel-logout` and `POST /auth/back-channel-logout` serve the identity provider.
 *
 * The cookies are `SameSite=Strict`, and the callback is a navigation from the identity provider's site, which brings
 * none: the first answer is then a page of ours that repeats the callback from our own site.
 */
export function createAuthHandler({
  auth,
  rateLimiter,
  basePath = "/auth",
}: AuthHandlerOptions): AuthHandler {
  const createAuthRequest = createAuthRequests({ auth, rateLimiter });
  return async (request, peer) => {
    const url = new URL(request.url);
    const answer = url.pathname.startsWith(`${basePath}/`)
      ? routes[`${request.method} ${url.pathname.slice(basePath.length)}`]
      : undefined;
    if (answer === undefined) return undefined;
    return respond(
      answer,
      createRoute(
        { auth, request, url, rateLimiter },
        createAuthRequest,
        peer?.clientAddress ?? "unknown",
      ),
    );
  };
}

/**
 * Makes the handler of the two routes that the identity provider itself calls to sign a person out; for an app whose
 * sign-in goes through tRPC.
 */
export function createChannelSignOutHandler(
  options: AuthHandlerOptions,
): AuthHandler {
  const handle = createAuthHandler(options);
  const { basePath = "/auth" } = options;
  const paths = [
    `${basePath}/front-channel-logout`,
    `${basePath}/back-channel-logout`,
  ];
  return async (request, peer) =>
    paths.includes(new URL(request.url).pathname)
      ? handle(request, peer)
      : undefined;
}

const maximumFormCharacters = 65_536;

const routes: Readonly<Record<string, Answer>> = {
  "GET /login": login,
  "GET /callback": async (route) =>
    callback(route, readQuery(route.url.searchParams)),
  "POST /callback": async (route) =>
    callback(route, readQuery(await readForm(route.request))),
  "POST /logout": logout,
  "GET /front-channel-logout": frontChannelLogout,
  "POST /back-channel-logout": backChannelLogout,
};

function createRoute(
  {
    rateLimiter,
    ...parts
  }: Pick<Route, "auth" | "request" | "url"> &
    Pick<AuthHandlerOptions, "rateLimiter">,
  createAuthRequest: CreateAuthRequest,
  clientAddress: string,
): Route {
  const headers = new Headers(createCommonHeaders(parts.auth));
  const readHeader = (name: string) => parts.request.headers.get(name);
  return {
    ...parts,
    headers,
    readHeader,
    limitChannelLogout: async () =>
      rateLimiter?.consume("channel_logout", clientAddress),
    authRequest: createAuthRequest({
      readHeader,
      responseHeaders: headers,
      clientAddress,
    }),
  };
}

async function respond(answer: Answer, route: Route): Promise<Response> {
  try {
    return await answer(route);
  } catch (error) {
    const isNavigation =
      route.request.headers.get("accept")?.includes("text/html") === true;
    const response = isNavigation
      ? createFailurePage(error, route.auth.origin)
      : createErrorResponse(error);
    return withHeaders(response, route.headers);
  }
}

/** Adds what the route has set so far: cookies that are removed, and the common security headers. */
function withHeaders(response: Response, headers: Headers): Response {
  for (const [name, value] of headers) {
    if (name === "set-cookie") response.headers.append(name, value);
    else if (!response.headers.has(name)) response.headers.set(name, value);
  }
  return response;
}

async function login(route: Route): Promise<Response> {
  const { url, authRequest, headers, readHeader } = route;
  requireNavigation(readHeader);
  const { searchParams } = url;
  const maxAge = searchParams.get("maxAgeSeconds");
  const request = parseFlowRequest({
    ...Object.fromEntries(searchParams),
    scopes: searchParams.get("scopes")?.split(" ").filter(Boolean),
    ...(maxAge === null ? {} : { maxAgeSeconds: Number(maxAge) }),
  });
  const { authorizationUrl } = await authRequest.login(
    isFromAnotherSite(route) ? withoutPermissions(request) : request,
  );
  return redirect(authorizationUrl, headers);
}

function isFromAnotherSite({ readHeader }: Route): boolean {
  const site = readHeader("sec-fetch-site");
  return site === "cross-site" || site === "same-site";
}

/** Any site may link to the sign-in. What the person is asked to consent to, and whether they are asked, it does not decide. */
function withoutPermissions(request: FlowRequest): FlowRequest {
  return { ...request, scopes: [], claims: undefined, prompt: undefined };
}

function readQuery(query: URLSearchParams): CallbackParameters {
  const names = [...new Set(query.keys())];
  return parseCallbackParameters(
    Object.fromEntries(
      names.map((name) => {
        const values = query.getAll(name);
        return [name, values.length === 1 ? values[0] : values];
      }),
    ),
  );
}

async function readForm(request: Request): Promise<URLSearchParams> {
  const type = request.headers.get("content-type") ?? "";
  if (!type.startsWith("application/x-www-form-urlencoded")) {
    throw new AuthError("invalid_request", "The request has to be a form.");
  }
  const announced = Number(request.headers.get("content-length") ?? 0);
  const body =
    announced > maximumFormCharacters ? undefined : await request.text();
  if (body === undefined || body.length > maximumFormCharacters)
    throw new AuthError("invalid_request", "The form is too long.");
  return new URLSearchParams(body);
}

async function callback(
  route: Route,
  parameters: CallbackParameters,
): Promise<Response> {
  const { request, authRequest, headers } = route;
  if (request.headers.get("sec-fetch-site") === "cross-site") {
    return request.method === "GET"
      ? createReloadPage(headers)
      : createRepostPage(parameters, route.url.pathname, headers);
  }
  const { returnUrl } = await authRequest.callback(parameters);
  return redirect(returnUrl, headers);
}

async function logout({
  auth,
  authRequest,
  headers,
  readHeader,
}: Route): Promise<Response> {
  requireOwnForm(readHeader, auth.origin);
  const { logoutUrl } = await authRequest.logout();
  return redirect(logoutUrl, headers);
}

/**
 * Arrives in a frame on the identity provider's sign-out page, so without cookies; `sid` is what finds the sessions. A
 * `sid` that finds none counts against the address's budget, one that does ends them whatever is left of that: no other
 * page can use up the budget beforehand, and keep somebody signed in.
 *
 * @see {@link https://openid.net/specs/openid-connect-frontchannel-1_0.html | Front-Channel Logout 1.0}
 */
async function frontChannelLogout({
  url,
  auth,
  headers,
  readHeader,
  limitChannelLogout,
}: Route): Promise<Response> {
  requireSignOutFrame(readHeader);
  const [sid, ...moreSids] = url.searchParams.getAll("sid");
  const [iss, ...moreIssuers] = url.searchParams.getAll("iss");
  if (
    sid === undefined ||
    sid === "" ||
    moreSids.length > 0 ||
    moreIssuers.length > 0
  ) {
    throw new AuthError(
      "invalid_request",
      "A front-channel sign-out names one sid, and at most one iss.",
    );
  }
  const wasKnown = await auth.endProviderSession(sid, iss);
  if (!wasKnown) await limitChannelLogout();
  headers.set("content-type", "text/html; charset=utf-8");
  headers.set("cross-origin-resource-policy", "cross-origin");
  headers.set(
    "content-security-policy",
    `default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors ${auth.authority}`,
  );
  return new Response("<!doctype html><title>Signed out</title>", { headers });
}

/** Not limited by address: all sign-outs come from the identity provider's few, and a forged token costs no write. */
async function backChannelLogout({
  request,
  auth,
  headers,
}: Route): Promise<Response> {
  const token = (await readForm(request)).get("logout_token");
  await auth.endByLogoutToken(token ?? "");
  return new Response(undefined, { status: 200, headers });
}

function redirect(location: string, headers: Headers): Response {
  headers.set("location", location);
  // 303, never 307: whatever was posted to us is not posted on.
  return new Response(undefined, { status: 303, headers });
}
