import type { IncomingMessage, ServerResponse } from "node:http";
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
import { addHeaders, readNodeRequest, sendResponse } from "./node-exchange.js";
import type { HostOptions } from "./session-guard.js";
import { createRequirementCheck } from "./session-requirement.js";
import type { SessionRequirement } from "./session-requirement.js";

declare global {
  // eslint-disable-next-line typescript/no-namespace -- The types of Express have this namespace for extensions.
  namespace Express {
    interface Request {
      /** The session of the request and its user. Set by `authMiddleware` of `@entrada/auth/express`. */
      auth?: ActiveSession | undefined;
      /** Who sent the request. Set by `requireBearer` of `@entrada/auth/express`. */
      bearer?: Bearer | undefined;
    }
  }
}

/** A middleware of Express, of version 4 or 5. */
export type ExpressMiddleware = (
  req: AuthRequest,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => Promise<void>;

/** A request of Node with the session that `authMiddleware` sets, or the caller that `requireBearer` sets. */
export interface AuthRequest extends IncomingMessage {
  auth?: ActiveSession | undefined;
  bearer?: Bearer | undefined;
}

const remedy = "call app.use(authMiddleware(auth)) before it.";

/**
 * Creates the middleware that responds to the sign-in routes and sets `req.auth`. Body parsers may be registered before
 * or after it.
 *
 * @throws {TypeError} if the redirect URI of `auth` is not the route `/callback` and the cookies are `SameSite=Lax`.
 */
export function authMiddleware(
  auth: Auth,
  options?: HostOptions,
): ExpressMiddleware {
  const host = createHost(auth, options);
  return createMiddleware(async (req, res) => {
    const request = readNodeRequest(req);
    const response = await enter(req, host, request);
    if (response !== undefined) {
      await sendResponse(response, req, res);
      return true;
    }
    addHeaders(res, host.createHeaders(request));
    req.auth = readEntered(req);
    return false;
  });
}

/**
 * Creates the guard of a route. A navigation without a session is redirected to the sign-in; other requests are refused
 * with 401 or 403. Behind it, `sessionOf(req)` returns the session.
 *
 * @throws {TypeError} for an unknown option.
 */
export function requireSession(
  requirement?: SessionRequirement,
): ExpressMiddleware {
  const check = createRequirementCheck(requirement);
  return createGuard((req) => findRefusal(req, check, remedy));
}

/**
 * Creates the guard of a route for callers with a bearer token, which refuses others with 401, 403 or 400 and
 * `WWW-Authenticate`. It reads no cookie. Behind it, `bearerOf(req)` returns who sent the request. A body parser before it
 * lets it refuse a token in the body.
 *
 * @throws {TypeError} for an unknown option.
 */
export function requireBearer(options?: BearerOptions): ExpressMiddleware {
  const checked = checkBearerOptions(options);
  return createGuard(async (req) => {
    const refusal = await findBearerRefusal(req, checked, remedy);
    req.bearer = readBearer(req);
    return refusal;
  });
}

function createGuard(
  find: (req: AuthRequest) => Promise<Response | undefined>,
): ExpressMiddleware {
  return createMiddleware(async (req, res) => {
    const refusal = await find(req);
    if (refusal !== undefined) {
      await sendResponse(refusal, req, res);
      return true;
    }
    // The response is for one caller. The route may replace the header.
    res.setHeader("cache-control", "no-store");
    return false;
  });
}

/** Calls the next middleware unless `respond` has responded. */
function createMiddleware(
  respond: (req: AuthRequest, res: ServerResponse) => Promise<boolean>,
): ExpressMiddleware {
  return async (req, res, next) => {
    try {
      if (await respond(req, res)) return;
    } catch (error) {
      next(error);
      return;
    }
    next();
  };
}
