import type {
  IncomingMessage,
  RequestListener,
  ServerResponse,
} from "node:http";
import type { Auth } from "../core/auth.js";
import { readParts } from "../core/auth-parts.js";
import { isAuthError, toFailure } from "../core/error.js";
import type { ActiveSession } from "../core/session/active-session.js";
import type { Bearer } from "../core/token/bearer-token.js";
import { checkBearerOptions } from "./bearer-guard.js";
import type { BearerOptions } from "./bearer-guard.js";
import { createHost } from "./host.js";
import type { Host } from "./host.js";
import type { HostRequest } from "./host-request.js";
import { addHeaders, readNodeRequest, sendResponse } from "./node-exchange.js";
import { guardOf } from "./session-guard.js";
import type { HostOptions, SessionGuard } from "./session-guard.js";
import { createRequirementCheck } from "./session-requirement.js";
import type { SessionRequirement } from "./session-requirement.js";

/** Handles the requests that the sign-in routes do not respond to. */
export type NodeListener = (
  req: IncomingMessage,
  res: ServerResponse,
) => unknown;

/** The requests that `toNodeHandler` passed on, because its options apply to them. */
const passedOn = new WeakMap<
  IncomingMessage,
  { readonly auth: Auth; readonly guard: SessionGuard }
>();

/**
 * Creates the listener that responds to the sign-in routes and passes all other requests on. If that listener throws,
 * the response is the error's, such as 503 for `store_unavailable`, and 500 for any other error.
 *
 * @throws {TypeError} if the redirect URI of `auth` is not the route `/callback` and the cookies are `SameSite=Lax`.
 */
export function toNodeHandler(
  auth: Auth,
  listener: NodeListener,
  options?: HostOptions,
): RequestListener {
  const host = createHost(auth, options);
  return (req, res) => {
    const request = readNodeRequest(req);
    const exchange = { auth, host, request, req, res };
    handle(exchange, listener)
      .catch((error: unknown) => sendFailure(exchange, error))
      .catch(() => res.destroy());
  };
}

/**
 * Returns the session of the request; `undefined` without a valid one, or if another site may have caused a request that
 * changes state. Reads the store once for each request.
 *
 * @throws {AuthError} `store_unavailable`
 */
export async function getSession<Columns>(
  auth: Auth<Columns>,
  req: IncomingMessage,
): Promise<ActiveSession<Columns> | undefined> {
  const { active } = await findGuard(auth, req).read(req, readNodeRequest(req));
  return active;
}

/**
 * Returns the session of the request if it fulfils the requirement. Otherwise it responds, by a redirect to the sign-in
 * for a navigation without a session and by 401, 403 or 503 for other requests, and returns `undefined`.
 *
 * @throws {TypeError} for an unknown option.
 */
export async function requireSession<Columns>(
  auth: Auth<Columns>,
  req: IncomingMessage,
  res: ServerResponse,
  requirement?: SessionRequirement,
): Promise<ActiveSession<Columns> | undefined> {
  const check = createRequirementCheck(requirement);
  const guard = findGuard(auth, req);
  const request = readNodeRequest(req);
  try {
    const active = guard.require(await guard.read(req, request), check);
    // The response is for one caller. The app may replace the header.
    res.setHeader("cache-control", "no-store");
    return active;
  } catch (error) {
    await sendResponse(await guard.refuse(request, error), req, res);
    return undefined;
  }
}

/**
 * Returns who sent the request, from its bearer token, if it fulfils the requirement. Otherwise it responds with 401, 403 or
 * 400 and `WWW-Authenticate`, and returns `undefined`. It reads no cookie. If a body parser has set `req.body`, a token in
 * the body is refused.
 *
 * @throws {TypeError} for an unknown option.
 */
export async function requireBearer(
  auth: Auth,
  req: IncomingMessage,
  res: ServerResponse,
  options?: BearerOptions,
): Promise<Bearer | undefined> {
  const checked = checkBearerOptions(options);
  const request = readNodeRequest(req);
  const result = await findGuard(auth, req).requireBearer(request, checked);
  if (result instanceof Response) {
    await sendResponse(result, req, res);
    return undefined;
  }
  // The response is for one caller. The app may replace the header.
  res.setHeader("cache-control", "no-store");
  return result;
}

interface Exchange {
  readonly auth: Auth;
  readonly host: Host;
  readonly request: HostRequest;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

async function handle(
  { auth, host, request, req, res }: Exchange,
  listener: NodeListener,
): Promise<void> {
  const response = await host.respond(request);
  if (response !== undefined) return sendResponse(response, req, res);
  addHeaders(res, host.createHeaders(request));
  passedOn.set(req, { auth, guard: host.guard });
  await listener(req, res);
}

async function sendFailure(
  { auth, host, request, req, res }: Exchange,
  error: unknown,
): Promise<void> {
  const isLogged = readParts(auth)?.onRequestFailure !== undefined;
  if (!isAuthError(error) && !isLogged)
    process.emitWarning(error instanceof Error ? error : String(error));
  const response = await host.guard.fail(request, toFailure(error));
  if (!res.headersSent) await sendResponse(response, req, res);
  else if (!res.writableEnded) res.destroy();
}

function findGuard<Columns>(
  auth: Auth<Columns>,
  req: IncomingMessage,
): SessionGuard<Columns>;
function findGuard(auth: Auth, req: IncomingMessage): SessionGuard {
  const found = passedOn.get(req);
  return found?.auth === auth ? found.guard : guardOf(auth);
}
