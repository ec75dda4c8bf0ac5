import type { Auth } from "../core/auth.js";
import { readParts } from "../core/auth-parts.js";
import { AuthError, toFailure } from "../core/error.js";
import { createNotSignedInError } from "../core/session/active-session.js";
import { requirePermission } from "../core/token/bearer-token.js";
import type { Bearer, BearerRequirement } from "../core/token/bearer-token.js";
import { hasBearerToken } from "./same-origin.js";
import type { ReadHeader } from "./same-origin.js";

/** Which access tokens a guard accepts. */
export interface BearerOptions extends BearerRequirement {
  /**
   * The accepted values of `aud`. Defaults to the client ID and `api://` with the client ID, the application ID URI of a new
   * registration.
   */
  readonly audience?: string | readonly string[] | undefined;
}

/** The parts of a request that may contain an access token. */
export interface BearerRequest {
  /** Returns repeated headers joined by a comma. */
  readonly readHeader: ReadHeader;
  /** The path and query. */
  readonly url: string;
  /** The fields of a form that the host has parsed. */
  readonly body?: unknown;
}

/**
 * Returns who sent the request, from the access token in its `Authorization` header. Cookies are not read.
 *
 * @throws {AuthError} `not_signed_in` if there is no token; `bearer_invalid`; `scope_required`; `role_required`;
 *   `invalid_request` if there is more than one header, or a token in the query or body;
 *   `identity_provider_unavailable`
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-2.1 | RFC 6750 §2.1}
 */
export async function requireBearer(
  auth: Auth,
  request: BearerRequest,
  { audience, ...requirement }: BearerOptions = {},
): Promise<Bearer> {
  const token = readBearerToken(request);
  if (token === undefined) throw createNotSignedInError();
  const parts = readParts(auth);
  if (parts === undefined)
    throw new TypeError("This Auth was not created by createAuth.");
  const audiences = typeof audience === "string" ? [audience] : audience;
  const bearer = await parts.validateBearerToken(token, audiences);
  requirePermission(bearer, requirement);
  return bearer;
}

/** Returns the token of the request; `undefined` if there is none. */
function readBearerToken({
  readHeader,
  url,
  body,
}: BearerRequest): string | undefined {
  if (isInQuery(url) || isInBody(body))
    throw new AuthError(
      "invalid_request",
      "Send the access token in the header Authorization: addresses and forms are logged and stored.",
    );
  const header = readHeader("authorization") ?? "";
  // A token contains no comma.
  if (header.includes(",") && /(?:^|,) *Bearer\b/i.test(header))
    throw new AuthError(
      "invalid_request",
      "Send the header Authorization only once.",
    );
  return hasBearerToken(readHeader)
    ? header.slice("Bearer".length).trim()
    : undefined;
}

function isInQuery(url: string): boolean {
  const start = url.indexOf("?");
  return (
    start !== -1 && new URLSearchParams(url.slice(start)).has("access_token")
  );
}

function isInBody(body: unknown): boolean {
  return (
    typeof body === "object" &&
    body !== null &&
    Object.hasOwn(body, "access_token")
  );
}

/**
 * Returns the `WWW-Authenticate` header for a refused bearer request; `undefined` for a failure that is not about the token.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3 | RFC 6750 §3}
 */
export function formatBearerChallenge(
  error: unknown,
  { scopes }: Pick<BearerOptions, "scopes"> = {},
): string | undefined {
  const scope = scopes === undefined ? "" : `, scope="${scopes.join(" ")}"`;
  switch (toFailure(error).code) {
    case "not_signed_in":
      return "Bearer";
    case "bearer_invalid":
      return 'Bearer error="invalid_token"';
    case "scope_required":
    case "role_required":
      return `Bearer error="insufficient_scope"${scope}`;
    case "invalid_request":
      return 'Bearer error="invalid_request"';
    default:
      return undefined;
  }
}
