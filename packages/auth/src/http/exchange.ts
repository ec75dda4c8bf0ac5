import type { Auth } from "../core/auth.js";
import { AuthError } from "../core/error.js";
import type { NoColumns } from "../core/stores/user-extension.js";
import type { CookieNames } from "./cookies.js";
import type { RateLimiter } from "./rate-limiter.js";
import type { ResponseHeaders } from "./response-headers.js";
import { hasBearerToken } from "./same-origin.js";
import type { ReadHeader } from "./same-origin.js";

/** The parts of an HTTP exchange that the sign-in layer reads and writes. */
export interface HttpExchange {
  readonly readHeader: ReadHeader;
  readonly responseHeaders: ResponseHeaders;
  /** The address that rate limits count by. If it is unknown, sign-ins are not limited. */
  readonly clientAddress?: string | undefined;
  /** The request's method. Without it, every request needs `x-csrf`, and subscriptions by `EventSource` are refused. */
  readonly method?: string | undefined;
  /** The path and query, in which an access token is refused. */
  readonly url?: string | undefined;
}

/** An HTTP exchange, with what the sign-in layer needs for it. */
export interface Exchange<Columns = NoColumns> {
  readonly auth: Auth<Columns>;
  readonly names: CookieNames;
  readonly rateLimiter: RateLimiter | undefined;
  readonly now: () => Date;
  readonly http: HttpExchange;
  /** The cookies of the request; none if it has a bearer token. */
  readonly cookies: ReadonlyMap<string, string>;
}

/**
 * A request with a bearer token has no session, and its response sets no cookie.
 *
 * @throws {AuthError} `invalid_request` if the request has one.
 */
export function refuseBearerToken({ http }: Exchange): void {
  if (hasBearerToken(http.readHeader))
    throw new AuthError(
      "invalid_request",
      "A request with a bearer token cannot sign in or out, because no cookie is read or set for it. Send it without the header Authorization.",
    );
}
