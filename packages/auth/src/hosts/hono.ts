import type { Context, MiddlewareHandler } from "hono";
import type { Auth } from "../core/auth.js";
import type { ActiveSession } from "../core/session/active-session.js";
import type { Bearer } from "../core/token/bearer-token.js";
import { checkBearerOptions } from "./bearer-guard.js";
import type { BearerOptions } from "./bearer-guard.js";
import {
  createHost,
  enter,
  findBearerRefusal,
  findRefusal,
  readBearer,
  readEntered,
} from "./host.js";
import type { Host } from "./host.js";
import { copyRequest, formatParsedForm } from "./host-request.js";
import type { HostRequest } from "./host-request.js";
import type { HostOptions } from "./session-guard.js";
import { createRequirementCheck } from "./session-requirement.js";
import type { SessionRequirement } from "./session-requirement.js";

declare module "hono" {
  interface ContextVariableMap {
    /** The session of the request and its user. Set by `authMiddleware` of `@entrada/auth/hono`. */
    auth: ActiveSession | undefined;
    /** Who sent the request. Set by `requireBearer` of `@entrada/auth/hono`. */
    bearer: Bearer | undefined;
  }
}

const remedy = "call app.use(authMiddleware(auth)) before it.";

/**
 * Creates the middleware that responds to the sign-in routes and sets `c.get("auth")`. It uses `auth` at the first
 * request, because a framework may import the app while it builds.
 */
export function authMiddleware(
  auth: Auth,
  options?: HostOptions,
): MiddlewareHandler {
  let host: Host | undefined;
  return async (c, next) => {
    host ??= createHost(auth, options);
    const request = readRequest(c);
    const response = await enter(c, host, request);
    if (response !== undefined) return send(response, c);
    c.set("auth", readEntered(c));
    await next();
    for (const [name, value] of Object.entries(host.createHeaders(request)))
      c.header(name, value, { append: name === "vary" });
    return undefined;
  };
}

/**
 * Creates the guard of a route. A navigation without a session is redirected to the sign-in; other requests are refused
 * with 401 or 403. Behind it, `sessionOf(c)` returns the session.
 *
 * @throws {TypeError} for an unknown option.
 */
export function requireSession(
  requirement?: SessionRequirement,
): MiddlewareHandler {
  const check = createRequirementCheck(requirement);
  return createGuard((c) => findRefusal(c, check, remedy));
}

/**
 * Creates the guard of a route for callers with a bearer token, which refuses others with 401, 403 or 400 and
 * `WWW-Authenticate`. It reads no cookie. Behind it, `bearerOf(c)` returns who sent the request. If the body was read
 * before it, it also refuses a token in the body.
 *
 * @throws {TypeError} for an unknown option.
 */
export function requireBearer(options?: BearerOptions): MiddlewareHandler {
  const checked = checkBearerOptions(options);
  return createGuard(async (c) => {
    const refusal = await findBearerRefusal(c, checked, remedy);
    c.set("bearer", readBearer(c));
    return refusal;
  });
}

function createGuard(
  find: (c: Context) => Promise<Response | undefined>,
): MiddlewareHandler {
  return async (c, next) => {
    const refusal = await find(c);
    if (refusal !== undefined) return send(refusal, c);
    await next();
    // The response is for one caller, unless the route states otherwise.
    if (!c.res.headers.has("cache-control"))
      c.header("cache-control", "no-store");
    return undefined;
  };
}

function readRequest(c: Context): HostRequest {
  const { method, path, raw } = c.req;
  const { pathname, search } = new URL(raw.url);
  return {
    method,
    target: `${pathname}${search}`,
    routedTarget: `${path}${search}`,
    readHeader: (name) => raw.headers.get(name),
    peerAddress: readPeerAddress(c.env),
    createRequest: async (url) => {
      if (!raw.bodyUsed) return copyRequest(raw, url);
      const form = await readForm(c);
      if (form === undefined) return raw;
      const { headers } = raw;
      return new Request(url, {
        method,
        headers,
        body: formatParsedForm(form) ?? "",
      });
    },
    readParsedBody: () => (c.req.raw.bodyUsed ? readBody(c) : undefined),
  };
}

/** Returns the form that was read through `c.req`, because Hono keeps it; `undefined` if it was read in another way. */
function readForm(c: Context): Promise<unknown> {
  return c.req.parseBody({ all: true }).catch(() => undefined);
}

function readBody(c: Context): Promise<unknown> {
  return isJson(c) ? c.req.json().catch(() => undefined) : readForm(c);
}

function isJson({ req }: Context): boolean {
  return /^application\/(?:[\w.-]+\+)?json\b/i.test(
    req.header("content-type") ?? "",
  );
}

/** Returns the peer's address as `@hono/node-server` passes it; `undefined` on other runtimes. */
function readPeerAddress(bindings: unknown): string | undefined {
  const incoming = readProperty(bindings, "incoming");
  const address = readProperty(
    readProperty(incoming, "socket"),
    "remoteAddress",
  );
  return typeof address === "string" ? address : undefined;
}

function readProperty(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Reflect.get(value, name)
    : undefined;
}

/** Adds the headers through the context: Hono would drop the cookies of one side if both had set some. */
function send(response: Response, c: Context): Response {
  for (const [name, value] of response.headers)
    c.header(name, value, { append: name === "set-cookie" });
  const { status } = response;
  return c.newResponse(response.body, new Response(undefined, { status }));
}
