import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
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
import { decodeTarget, readTarget } from "./host-request.js";
import type { HostRequest } from "./host-request.js";
import { leavesBody, readNodeRequest } from "./node-exchange.js";
import type { HostOptions } from "./session-guard.js";
import { createRequirementCheck } from "./session-requirement.js";
import type { SessionRequirement } from "./session-requirement.js";

declare module "fastify" {
  interface FastifyRequest {
    /** The session of the request and its user. Set by `authPlugin` of `@entrada/auth/fastify`. */
    auth: ActiveSession | undefined;
    /** Who sent the request. Set by `requireBearer` of `@entrada/auth/fastify`. */
    bearer: Bearer | undefined;
  }
}

/** The options of `authPlugin`. */
export interface AuthPluginOptions extends HostOptions {
  readonly auth: Auth;
}

/** A hook of Fastify, of version 4 or 5. */
export type FastifyHook = (
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<unknown>;

const remedy = "register authPlugin in the same or in an outer context.";

/**
 * The plugin that responds to the sign-in routes and sets `request.auth`. It applies to the context in which it is
 * registered and to all contexts within, and reads forms itself: with and without `@fastify/formbody`.
 *
 * @throws {TypeError} if the redirect URI of `auth` is not the route `/callback` and the cookies are `SameSite=Lax`.
 */
export const authPlugin = Object.assign(registerAuth, {
  // As `fastify-plugin` does: the hook and the decorator belong to the context in which the plugin is registered.
  [Symbol.for("skip-override")]: true,
  [Symbol.for("fastify.display-name")]: "@entrada/auth",
});

async function registerAuth(
  app: FastifyInstance,
  { auth, ...options }: AuthPluginOptions,
): Promise<void> {
  const host = createHost(auth, options);
  app.decorateRequest("auth", undefined);
  app.decorateRequest("bearer", undefined);
  app.addHook("onRequest", async (request, reply) => {
    const target = readTarget(request.originalUrl);
    const hostRequest: HostRequest = {
      ...readNodeRequest(request.raw),
      target,
      routedTarget: decodeTarget(target),
      readParsedBody: () => request.body,
    };
    const response = await enter(request, host, hostRequest);
    if (response !== undefined) return send(response, request, reply);
    for (const [name, value] of Object.entries(host.createHeaders(hostRequest)))
      reply.header(
        name,
        [reply.getHeader(name) ?? [], value].flat().join(", "),
      );
    request.auth = readEntered(request);
  });
}

/**
 * Creates the guard of a route: an `onRequest` hook. As a `preHandler` it works too, after the body has been read. A
 * navigation without a session is redirected to the sign-in; other requests are refused with 401 or 403. Behind it,
 * `sessionOf(request)` returns the session.
 *
 * @throws {TypeError} for an unknown option.
 */
export function requireSession(requirement?: SessionRequirement): FastifyHook {
  const check = createRequirementCheck(requirement);
  return createGuard((request) => findRefusal(request, check, remedy));
}

/**
 * Creates the guard of a route for callers with a bearer token, which refuses others with 401, 403 or 400 and
 * `WWW-Authenticate`. It reads no cookie. Behind it, `bearerOf(request)` returns who sent the request. As a `preHandler` it
 * also refuses a token in the body.
 *
 * @throws {TypeError} for an unknown option.
 */
export function requireBearer(options?: BearerOptions): FastifyHook {
  const checked = checkBearerOptions(options);
  return createGuard(async (request) => {
    const refusal = await findBearerRefusal(request, checked, remedy);
    request.bearer = readBearer(request);
    return refusal;
  });
}

function createGuard(
  find: (request: FastifyRequest) => Promise<Response | undefined>,
): FastifyHook {
  return async (request, reply) => {
    const refusal = await find(request);
    if (refusal !== undefined) return send(refusal, request, reply);
    // The response is for one caller. The route may replace the header.
    reply.header("cache-control", "no-store");
  };
}

async function send(
  response: Response,
  { raw }: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const body = Buffer.from(await response.arrayBuffer());
  reply.code(response.status);
  // Fastify adds each cookie to those that are set.
  for (const [name, value] of response.headers) reply.header(name, value);
  if (leavesBody(raw)) reply.header("connection", "close");
  // For an empty buffer, Fastify would state a content type.
  return reply.send(body.length === 0 ? undefined : body);
}
