import type { Auth } from "../../core/auth.js";
import { isAuthError } from "../../core/error.js";
import type { ReturnUrl } from "../../core/identifiers.js";
import type { RequestAuth } from "../request-auth.js";
import type { LimitedAction } from "../rate-limiter.js";
import type { ReadHeader } from "../same-origin.js";

/** One request to one of the sign-in routes. */
export interface RouteRequest {
  readonly auth: Auth;
  readonly requestAuth: RequestAuth;
  readonly request: Request;
  readonly url: URL;
  readonly readHeader: ReadHeader;
  /** The headers of the response. */
  readonly headers: Headers;
  /** The public address of the routes, such as `https://your.app/auth`. */
  readonly routesUrl: string;
  /** The application's session cookie, unverified. */
  readonly sessionCookie: string | undefined;
  /** Counts the action against the rate limit of the client's address. Throws `rate_limited`, `store_unavailable`. */
  readonly count: (action: LimitedAction) => Promise<void>;
}

/** One of the sign-in routes. */
export interface Route {
  readonly respond: (request: RouteRequest) => Promise<Response>;
  /** Returns the link of "Try again" after a failure. Absent if no link can repeat the route. */
  readonly findTryAgainUrl?:
    ((request: RouteRequest, error: unknown) => string | undefined) | undefined;
}

/** Routes by method and path below the base path, such as `GET /login`. */
export type Routes = Readonly<Record<string, Route>>;

/** Creates a redirect that browsers follow by GET. With 307 they would post the form again. */
export function redirect(location: string, headers: Headers): Response {
  headers.set("location", location);
  return new Response(undefined, { status: 303, headers });
}

/** Returns the address that starts a sign-in and returns to the page. */
export function createStartUrl(
  { routesUrl }: Pick<RouteRequest, "routesUrl">,
  returnUrl: ReturnUrl | undefined,
  wishes: Readonly<Record<string, string>> = {},
): string {
  const query = new URLSearchParams({
    ...(returnUrl === undefined ? {} : { returnUrl }),
    ...wishes,
  });
  return query.size === 0
    ? `${routesUrl}/login`
    : `${routesUrl}/login?${query}`;
}

/** Returns whether the error has this code. */
export function hasCode(
  error: unknown,
  code: "flow_not_found" | "invalid_request" | "rate_limited",
): boolean {
  return isAuthError(error) && error.code === code;
}
