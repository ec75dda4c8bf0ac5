import type { Auth } from "../core/auth.js";
import type { Bearer } from "../core/token/bearer-token.js";
import { formatBearerChallenge, requireBearer } from "../http/bearer.js";
import type { BearerOptions } from "../http/bearer.js";
import type { HostRequest } from "./host-request.js";
import { requireKnownOptions } from "./known-options.js";

export type { BearerOptions } from "../http/bearer.js";

/**
 * Returns who sent a request with a bearer token, or the response that refuses it. No cookie is read, so the origin rule
 * does not apply.
 */
export type BearerGuard = (
  request: HostRequest,
  options: BearerOptions,
) => Promise<Bearer | Response>;

/** Returns the failure as JSON. @throws the error, if it is not an `AuthError`. */
export type FailAsJson = (
  request: HostRequest,
  error: unknown,
) => Promise<Response>;

/** Creates the guard of an application against requests without a valid bearer token. */
export function createBearerGuard(auth: Auth, fail: FailAsJson): BearerGuard {
  return async (request, options) => {
    const { readHeader, target: url } = request;
    try {
      const body = await request.readParsedBody();
      return await requireBearer(auth, { readHeader, url, body }, options);
    } catch (error) {
      const response = await fail(request, error);
      const challenge = formatBearerChallenge(error, options);
      if (challenge !== undefined)
        response.headers.set("www-authenticate", challenge);
      return response;
    }
  };
}

/**
 * Returns the options of a guard.
 *
 * @throws {TypeError} for an unknown option.
 */
export function checkBearerOptions(options: BearerOptions = {}): BearerOptions {
  requireKnownOptions("requireBearer", options, [
    "scopes",
    "roles",
    "audience",
  ]);
  return options;
}
