import type { Auth } from "../core/auth.js";
import { AuthError } from "../core/error.js";
import type { ActiveSession } from "../core/session/active-session.js";
import { createNotSignedInError } from "../core/session/active-session.js";
import type { Bearer } from "../core/token/bearer-token.js";
import type { NoColumns } from "../core/stores/user-extension.js";
import { clientAddressReaderOf } from "../http/auth-limits.js";
import {
  createAuthHandler,
  createChannelSignOutHandler,
} from "../http/handler/auth-handler.js";
import { parseBasePath } from "../http/handler/base-path.js";
import type { BearerOptions } from "./bearer-guard.js";
import { createCors } from "./cors.js";
import type { Cors } from "./cors.js";
import type { HostRequest } from "./host-request.js";
import { createSessionGuard } from "./session-guard.js";
import type {
  HostOptions,
  ReadSession,
  SessionGuard,
} from "./session-guard.js";
import type { CheckRequirement } from "./session-requirement.js";

/** An application in a host: its sign-in routes and its guard. */
export interface Host {
  readonly guard: SessionGuard;
  /** Returns the headers of the response to a request that `respond` leaves to the app. */
  readonly createHeaders: Cors["createHeaders"];
  /** Responds to a request to one of the sign-in routes, and to a CORS preflight; `undefined` for any other request. */
  respond(request: HostRequest): Promise<Response | undefined>;
}

/** A request that an adapter has let through to the app. */
interface EnteredRequest extends ReadSession {
  readonly guard: SessionGuard;
  readonly request: HostRequest;
}

// Browsers never send these, and a Fetch request cannot have them.
const unknownMethods: readonly string[] = ["CONNECT", "TRACE", "TRACK"];
// The key is the host's own object for a request.
const entered = new WeakMap<object, EnteredRequest>();
const bearers = new WeakMap<object, Bearer>();

/**
 * Creates the core of an adapter. With `SameSite=Lax` cookies it owns every path below the base path. With
 * `SameSite=Strict` it owns the two channel sign-outs and `GET /auth/me`.
 *
 * @throws {TypeError} if the redirect URI of `auth` is not the route `/callback` and the cookies are `SameSite=Lax`, or an
 *   origin of `cors` is not one.
 */
export function createHost(
  auth: Auth,
  { cors: corsOptions, ...options }: HostOptions = {},
): Host {
  const cors = createCors(corsOptions);
  const { basePath } = options;
  const { cut } = parseBasePath(auth.appUrl, basePath);
  const handle =
    auth.sameSite === "lax"
      ? createAuthHandler({ auth, ...options })
      : createChannelSignOutHandler({ auth, basePath });
  const readClientAddress = clientAddressReaderOf(auth);
  const guard = createSessionGuard(auth, options);

  return {
    guard,
    createHeaders: cors.createHeaders,
    respond: async (hostRequest) => {
      // Only the path counts: the application's origin is configured, and never read from a request.
      const url = new URL(`${auth.origin}${hostRequest.routedTarget}`);
      if (cut(url.pathname) === undefined) return cors.respond(hostRequest);
      if (unknownMethods.includes(hostRequest.method))
        return guard.fail(hostRequest, createMethodError(), { status: 404 });
      const { peerAddress, readHeader } = hostRequest;
      const clientAddress =
        peerAddress === undefined
          ? undefined
          : readClientAddress(peerAddress, readHeader("x-forwarded-for"));
      try {
        const request = await hostRequest.createRequest(url.href);
        return await handle(request, { clientAddress });
      } catch (error) {
        return guard.fail(hostRequest, error);
      }
    },
  };
}

function createMethodError(): AuthError {
  return new AuthError("invalid_request", "There is no such page.");
}

/**
 * Responds to a request to one of the sign-in routes, and to a CORS preflight. For any other request, reads its session
 * and returns `undefined`: the app then handles it. If the database does not respond, the response is the failure's.
 *
 * @param key The host's own object for the request, by which guards find its session.
 */
export async function enter(
  key: object,
  { guard, respond }: Host,
  request: HostRequest,
): Promise<Response | undefined> {
  const response = await respond(request);
  if (response !== undefined) return response;
  try {
    entered.set(key, { guard, request, ...(await guard.read(key, request)) });
    return undefined;
  } catch (error) {
    return guard.fail(request, error);
  }
}

/** Returns the session of a request that has entered. */
export function readEntered(key: object): ActiveSession | undefined {
  return entered.get(key)?.active;
}

/**
 * Returns the response that refuses the request; `undefined` if it fulfils the requirement.
 *
 * @throws {Error} if the request has not entered, naming what must be registered before the guard.
 */
export async function findRefusal(
  key: object,
  check: CheckRequirement,
  remedy: string,
): Promise<Response | undefined> {
  const request = findEntered(key, "requireSession", remedy);
  try {
    request.guard.require(request, check);
    return undefined;
  } catch (error) {
    return request.guard.refuse(request.request, error);
  }
}

/**
 * Returns the response that refuses a request without a bearer token that fulfils the requirement; `undefined` if it has
 * one. Then {@link readBearer} returns who sent the request.
 *
 * @throws {Error} if the request has not entered, naming what must be registered before the guard.
 */
export async function findBearerRefusal(
  key: object,
  options: BearerOptions,
  remedy: string,
): Promise<Response | undefined> {
  const { guard, request } = findEntered(key, "requireBearer", remedy);
  const result = await guard.requireBearer(request, options);
  if (result instanceof Response) return result;
  bearers.set(key, result);
  return undefined;
}

/** Returns who sent a request that `requireBearer` has admitted. */
export function readBearer(key: object): Bearer | undefined {
  return bearers.get(key);
}

function findEntered(
  key: object,
  guard: string,
  remedy: string,
): EnteredRequest {
  const request = entered.get(key);
  if (request === undefined)
    throw new Error(`${guard} does not know this request: ${remedy}`);
  return request;
}

/**
 * Returns the session of a request behind `requireSession`.
 *
 * @param request The request of Express or Fastify, or the context of Hono.
 * @throws {AuthError} `not_signed_in` if there is none, because the guard was forgotten.
 *
 * @example
 * const { user } = sessionOf<UserColumns<typeof auth>>(req); // with the app's own columns
 */
export function sessionOf<Columns = NoColumns>(
  request: object,
): ActiveSession<Columns>;
export function sessionOf(request: object): ActiveSession {
  const active = readEntered(request);
  if (active === undefined) throw createNotSignedInError();
  return active;
}

/**
 * Returns who sent a request behind `requireBearer`.
 *
 * @param request The request of Express or Fastify, or the context of Hono.
 * @throws {AuthError} `not_signed_in` if it is unknown, because the guard was forgotten.
 */
export function bearerOf(request: object): Bearer {
  const bearer = readBearer(request);
  if (bearer === undefined) throw createNotSignedInError();
  return bearer;
}
