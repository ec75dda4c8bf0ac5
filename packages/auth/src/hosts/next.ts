import type { Auth } from "../core/auth.js";
import { isAuthError } from "../core/error.js";
import type { ActiveSession } from "../core/session/active-session.js";
import type { Bearer } from "../core/token/bearer-token.js";
import { checkBearerOptions } from "./bearer-guard.js";
import type { BearerOptions } from "./bearer-guard.js";
import { createHost } from "./host.js";
import type { Host } from "./host.js";
import { copyRequest, decodeTarget } from "./host-request.js";
import type { HostRequest } from "./host-request.js";
import { guardOf } from "./session-guard.js";
import type { HostOptions, ReadSession } from "./session-guard.js";
import { createRequirementCheck } from "./session-requirement.js";
import type { SessionRequirement } from "./session-requirement.js";

/** A route handler of Next. */
export type RouteHandler = (request: Request) => Promise<Response>;

/** The options of `requireSession`. */
export interface PageRequirement extends SessionRequirement {
  /**
   * The page's own path and query. A visitor who is not signed in is then redirected to the sign-in, and returns there.
   * Without it, as in server actions, `requireSession` throws `not_signed_in`.
   */
  readonly returnUrl?: string | undefined;
}

/**
 * Creates the handlers of `app/auth/[...auth]/route.js`. It uses `auth` at the first request, because Next imports the
 * file while it builds.
 */
export function createRouteHandlers(
  auth: Auth,
  options?: Omit<HostOptions, "cors">,
): { readonly GET: RouteHandler; readonly POST: RouteHandler } {
  let host: Host | undefined;
  const handle: RouteHandler = async (request) => {
    // The router of Next requests pages before a visitor opens them, and follows redirects by script.
    if (isRouterRequest(request))
      return new Response(undefined, {
        status: 503,
        headers: { "cache-control": "no-store" },
      });
    host ??= createHost(auth, options);
    const response = await host.respond(readRequest(request));
    return response ?? new Response("Not found.", { status: 404 });
  };
  return { GET: handle, POST: handle };
}

/**
 * Returns the session of the current request; `undefined` without a valid one, or if a page of another site sent the
 * request. For server components, server actions and route handlers. It sets no cookie, and reads the store once for
 * each request.
 *
 * @throws {AuthError} `store_unavailable`
 */
export async function getSession<Columns>(
  auth: Auth<Columns>,
): Promise<ActiveSession<Columns> | undefined> {
  const { active } = await readSession(auth);
  return active;
}

/**
 * Returns the session of the current request if it fulfils the requirement. For server components, server actions and
 * route handlers. The `digest` of an error is its code, so that `error.jsx` can distinguish errors in production.
 *
 * @throws {AuthError} `not_signed_in`, unless `returnUrl` is given; `role_required`, `tenant_required`,
 *   `cross_site_request`, `store_unavailable`
 * @throws {TypeError} for an unknown option.
 */
export async function requireSession<Columns>(
  auth: Auth<Columns>,
  { returnUrl, ...requirement }: PageRequirement = {},
): Promise<ActiveSession<Columns>> {
  const check = createRequirementCheck(requirement);
  const session = await readSession(auth);
  const guard = guardOf(auth);
  try {
    return guard.require(session, check);
  } catch (error) {
    if (!isAuthError(error)) throw error;
    const leads = auth.sameSite === "lax" && error.code === "not_signed_in";
    if (!leads || returnUrl === undefined)
      throw Object.assign(error, { digest: error.code });
    const { redirect } = await import("next/navigation");
    // The whole URL: Next would add its own `basePath` to a path.
    return redirect(`${auth.origin}${guard.createLoginPath(returnUrl)}`);
  }
}

/**
 * Wraps a route handler with the guard. A navigation without a session is redirected to the sign-in; other requests are
 * refused with 401, 403 or 503. The handler's second argument has `user` and `session` besides the `params` of Next.
 *
 * @throws {TypeError} for an unknown option.
 *
 * @example
 * export const GET = withSession(auth, { role: "Admin" }, (request, { user }) => Response.json(user));
 */
export function withSession<Context extends object, Columns>(
  auth: Auth<Columns>,
  requirement: SessionRequirement,
  handler: (
    request: Request,
    context: Context & ActiveSession<Columns>,
  ) => Response | Promise<Response>,
): (request: Request, context: Context) => Promise<Response> {
  const check = createRequirementCheck(requirement);
  return async (request, context) => {
    const guard = guardOf(auth);
    const hostRequest = readRequest(request);
    try {
      const active = guard.require(
        await guard.read(request, hostRequest),
        check,
      );
      return withoutCaching(await handler(request, { ...context, ...active }));
    } catch (error) {
      return guard.refuse(hostRequest, error);
    }
  };
}

/**
 * Wraps a route handler with the guard for callers with a bearer token, which refuses others with 401, 403 or 400 and
 * `WWW-Authenticate`. It reads no cookie. The handler's second argument has `bearer` besides the `params` of Next. Of two
 * `Authorization` headers, Node gives Next the first alone.
 *
 * @throws {TypeError} for an unknown option.
 *
 * @example
 * export const GET = withBearer(auth, { scopes: ["Orders.Read"] }, (request, { bearer }) => Response.json(bearer));
 */
export function withBearer<Context extends object>(
  auth: Auth,
  options: BearerOptions,
  handler: (
    request: Request,
    context: Context & { readonly bearer: Bearer },
  ) => Response | Promise<Response>,
): (request: Request, context: Context) => Promise<Response> {
  const checked = checkBearerOptions(options);
  return async (request, context) => {
    const guard = guardOf(auth);
    const bearer = await guard.requireBearer(readRequest(request), checked);
    return bearer instanceof Response
      ? bearer
      : withoutCaching(await handler(request, { ...context, bearer }));
  };
}

function isRouterRequest({ headers }: Request): boolean {
  return headers.has("rsc") || headers.has("next-router-prefetch");
}

function readRequest(request: Request): HostRequest {
  const { pathname, search } = new URL(request.url);
  const target = `${pathname}${search}`;
  return {
    method: request.method,
    target,
    routedTarget: decodeTarget(target),
    readHeader: (name) => request.headers.get(name),
    // Next does not pass it.
    peerAddress: undefined,
    createRequest: (url) => copyRequest(request, url),
    // Next parses no body.
    readParsedBody: () => undefined,
  };
}

async function readSession<Columns>(
  auth: Auth<Columns>,
): Promise<ReadSession<Columns>> {
  const { headers } = await import("next/headers");
  // Before the first use of `auth`: while Next builds, there is no request, and `headers` interrupts the rendering.
  const list = await headers();
  return guardOf(auth).read(list, { readHeader: (name) => list.get(name) });
}

/** The response is for one caller. The handler may state otherwise. */
function withoutCaching(response: Response): Response {
  if (response.headers.has("cache-control")) return response;
  const copy = new Response(response.body, response);
  copy.headers.set("cache-control", "no-store");
  return copy;
}
