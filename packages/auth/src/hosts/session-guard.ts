import type { Auth } from "../core/auth.js";
import { readParts } from "../core/auth-parts.js";
import { isAuthError } from "../core/error.js";
import type { AuthError } from "../core/error.js";
import { createNotSignedInError } from "../core/session/active-session.js";
import type { ActiveSession } from "../core/session/active-session.js";
import type { NoColumns } from "../core/stores/user-extension.js";
import { createSessionCookieReader } from "../http/cookies.js";
import { parseBasePath } from "../http/handler/base-path.js";
import { createFailureResponse } from "../http/handler/failure-response.js";
import type { RenderError } from "../http/handler/failure-response.js";
import {
  hasBearerToken,
  isStateChanging,
  requireOwnOrigin,
} from "../http/same-origin.js";
import { createCommonHeaders } from "../http/security-headers.js";
import { createBearerGuard } from "./bearer-guard.js";
import type { BearerGuard } from "./bearer-guard.js";
import type { CorsOptions } from "./cors.js";
import type { HostRequest } from "./host-request.js";
import type { CheckRequirement } from "./session-requirement.js";

/** The options of an adapter. */
export interface HostOptions {
  /** The path of the sign-in routes within the application, wherever the adapter is mounted. Defaults to `/auth`. */
  readonly basePath?: string | undefined;
  /** Renders the page of a failure. Defaults to a plain page of this package. */
  readonly renderError?: RenderError | undefined;
  /** The other origins whose pages may call the app's routes with a bearer token. Defaults to none. */
  readonly cors?: CorsOptions | undefined;
}

/** The session of a request. */
export interface ReadSession<Columns = NoColumns> {
  /** `undefined` if the request has no valid session or has a bearer token, or another site may have caused it. */
  readonly active: ActiveSession<Columns> | undefined;
  /** `cross_site_request` if another site may have caused the request. */
  readonly originError: AuthError | undefined;
}

/** The parts of a request that determine its session. Without a method, `Origin` decides about the origin rule. */
export type SessionRequest = Pick<HostRequest, "readHeader"> & {
  readonly method?: string | undefined;
};

/** Reads sessions and refuses requests, in the same way for every host. */
export interface SessionGuard<Columns = NoColumns> {
  /**
   * Reads the session once for each request.
   *
   * @param key The host's own object for the request.
   * @throws {AuthError} `store_unavailable`
   */
  read(key: object, request: SessionRequest): Promise<ReadSession<Columns>>;

  /**
   * Returns the session if it fulfils the requirement.
   *
   * @throws {AuthError} `cross_site_request`, `not_signed_in`, `role_required`, `tenant_required`
   */
  require(
    session: ReadSession<Columns>,
    check: CheckRequirement,
  ): ActiveSession<Columns>;

  /**
   * Returns the response to a request that `read` or `require` has refused. A navigation without a session is redirected
   * to the sign-in.
   *
   * @throws the error, if it is not an `AuthError`.
   */
  refuse(request: HostRequest, error: unknown): Promise<Response>;

  /**
   * Returns the response to a request that failed: a page for a navigation, JSON for any other request.
   *
   * @throws the error, if it is not an `AuthError`.
   */
  fail(
    request: HostRequest,
    error: unknown,
    options?: {
      readonly status?: number | undefined;
      /** Defaults to what the request is. */
      readonly isNavigation?: boolean | undefined;
    },
  ): Promise<Response>;

  /** Returns who sent a request with a bearer token, or the response that refuses it. */
  readonly requireBearer: BearerGuard;

  /** Returns the path that starts a sign-in and then returns to the page. */
  createLoginPath(returnUrl: string): string;
}

/** Creates the guard of an application. */
export function createSessionGuard<Columns>(
  auth: Auth<Columns>,
  { basePath, renderError }: HostOptions = {},
): SessionGuard<Columns> {
  const { routesUrl } = parseBasePath(auth.appUrl, basePath);
  const readSessionCookie = createSessionCookieReader(auth);
  const sessions = new WeakMap<object, Promise<ReadSession<Columns>>>();

  const fail: SessionGuard["fail"] = async (
    request,
    error,
    { status, isNavigation: isPage = isNavigation(request) } = {},
  ) => {
    if (!isAuthError(error)) throw error;
    const [path] = request.target.split("?");
    readParts(auth)?.onRequestFailure?.(error, path);
    const isUnavailable = error.code === "store_unavailable";
    const response = await createFailureResponse({
      error,
      status,
      // The empty string is the same address.
      tryAgainUrl: isUnavailable ? "" : undefined,
      startPage: `${auth.appUrl}/`,
      settings: auth,
      renderError,
      isNavigation: isPage,
    });
    return addHeaders(response, createCommonHeaders(auth));
  };
  const createLoginPath: SessionGuard["createLoginPath"] = (returnUrl) =>
    `${new URL(routesUrl).pathname}/login?${new URLSearchParams({ returnUrl })}`;

  const readOnce = async ({ method, readHeader }: SessionRequest) => {
    if (hasBearerToken(readHeader))
      return { active: undefined, originError: undefined };
    const cookie = readSessionCookie(readHeader("cookie"));
    const originError = findOriginError(
      { method, readHeader, origin: auth.origin },
      cookie !== undefined,
    );
    const active =
      originError === undefined ? await auth.readSession(cookie) : undefined;
    return { active, originError };
  };
  return {
    read: (key, request) => {
      const session = sessions.get(key) ?? readOnce(request);
      sessions.set(key, session);
      return session;
    },
    require: ({ active, originError }, check) => {
      if (originError !== undefined) throw originError;
      if (active === undefined) throw createNotSignedInError();
      check(active);
      return active;
    },
    refuse: async (request, error) => {
      const mustSignIn = isAuthError(error) && error.code === "not_signed_in";
      // With SameSite=Strict cookies, the application's own pages start the sign-in.
      if (!mustSignIn || auth.sameSite !== "lax" || !isNavigation(request))
        return fail(request, error);
      const location = createLoginPath(request.target);
      return new Response(undefined, {
        status: 303,
        headers: {
          ...createCommonHeaders(auth),
          "cache-control": "no-store",
          location,
        },
      });
    },
    fail,
    requireBearer: createBearerGuard(auth, (request, error) =>
      fail(request, error, { isNavigation: false }),
    ),
    createLoginPath,
  };
}

const guards = new WeakMap<Auth, SessionGuard>();

/** Returns the guard with the default options. It is created once per `Auth`. */
export function guardOf<Columns>(auth: Auth<Columns>): SessionGuard<Columns>;
export function guardOf(auth: Auth): SessionGuard {
  const guard = guards.get(auth) ?? createSessionGuard(auth);
  guards.set(auth, guard);
  return guard;
}

/** Browsers set no `Authorization: Bearer` when they navigate. */
function isNavigation({ method, readHeader }: HostRequest): boolean {
  const accept = readHeader("accept")?.toLowerCase() ?? "";
  return (
    (method === "GET" || method === "HEAD") &&
    accept.includes("text/html") &&
    !hasBearerToken(readHeader)
  );
}

/**
 * Returns the error of a request that breaks the origin rule: a session cookie that browsers also send with some requests
 * of other sites proves nothing about a request that changes state. Only a request without a session cookie may lack
 * both `Sec-Fetch-Site` and `Origin`.
 */
function findOriginError(
  { method, readHeader, origin }: SessionRequest & { readonly origin: string },
  hasSessionCookie: boolean,
): AuthError | undefined {
  const mayChangeState =
    method === undefined
      ? typeof readHeader("origin") === "string"
      : isStateChanging(method);
  if (!mayChangeState) return undefined;
  try {
    requireOwnOrigin({
      method: method ?? "POST",
      readHeader,
      origin,
      allowsUnstated: !hasSessionCookie,
    });
    return undefined;
  } catch (error) {
    if (isAuthError(error)) return error;
    throw error;
  }
}

function addHeaders(
  response: Response,
  headers: Readonly<Record<string, string>>,
): Response {
  for (const [name, value] of Object.entries(headers))
    if (!response.headers.has(name)) response.headers.set(name, value);
  return response;
}
