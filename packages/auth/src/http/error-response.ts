import { toFailure } from "../core/error.js";
import type { AuthError, AuthErrorCode, ProviderError } from "../core/error.js";

import type { ResponseHeaders } from "./response-headers.js";

export { toFailure } from "../core/error.js";

/** A failure as it is sent to an HTTP caller. */
export interface ErrorRepresentation {
  readonly authCode: AuthErrorCode;
  /** Safe to show. */
  readonly message: string;
  readonly provider?: ProviderError | undefined;
  /** With `interaction_required` or `consent_required`: the claims challenge for the next sign-in. */
  readonly claims?: string | undefined;
  /** With `store_unavailable`: the callback's flow was taken, so the same callback cannot succeed later. */
  readonly isFlowTaken?: true | undefined;
  readonly retryAfterSeconds?: number | undefined;
  /** With `fresh_sign_in_required`: the `maxAgeSeconds` for the next sign-in. */
  readonly maxAgeSeconds?: number | undefined;
}

// The names are tRPC's.
const statusCodes = {
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  TOO_MANY_REQUESTS: 429,
  INTERNAL_SERVER_ERROR: 500,
  BAD_GATEWAY: 502,
  SERVICE_UNAVAILABLE: 503,
} as const;

type StatusName = keyof typeof statusCodes;

// UNAUTHORIZED for a sign-in that is not fresh enough, as in RFC 9470 §3.
const statusNames = {
  invalid_request: "BAD_REQUEST",
  cross_site_request: "FORBIDDEN",
  rate_limited: "TOO_MANY_REQUESTS",
  flow_not_found: "BAD_REQUEST",
  browser_mismatch: "BAD_REQUEST",
  admin_consent_returned: "BAD_REQUEST",
  issuer_mismatch: "BAD_REQUEST",
  authorization_denied: "FORBIDDEN",
  consent_required: "FORBIDDEN",
  login_required: "UNAUTHORIZED",
  interaction_required: "UNAUTHORIZED",
  authorization_failed: "BAD_GATEWAY",
  code_rejected: "BAD_REQUEST",
  client_rejected: "BAD_GATEWAY",
  id_token_invalid: "BAD_GATEWAY",
  tenant_not_found: "BAD_GATEWAY",
  tenant_not_allowed: "FORBIDDEN",
  user_disabled: "FORBIDDEN",
  sign_in_refused: "FORBIDDEN",
  not_signed_in: "UNAUTHORIZED",
  bearer_invalid: "UNAUTHORIZED",
  scope_required: "FORBIDDEN",
  role_required: "FORBIDDEN",
  tenant_required: "FORBIDDEN",
  fresh_sign_in_required: "UNAUTHORIZED",
  session_not_found: "NOT_FOUND",
  user_not_found: "NOT_FOUND",
  identity_provider_unavailable: "SERVICE_UNAVAILABLE",
  store_unavailable: "SERVICE_UNAVAILABLE",
  internal_error: "INTERNAL_SERVER_ERROR",
} as const satisfies Record<AuthErrorCode, StatusName>;

/** Returns the HTTP status of an error code. */
export function toStatus(code: AuthErrorCode): number {
  return statusCodes[toStatusName(code)];
}

/** Returns the name of an error code's HTTP status, which is also its tRPC code. */
export function toStatusName(code: AuthErrorCode): StatusName {
  return statusNames[code];
}

/** Returns the part of the failure that is safe to send to the caller. */
export function formatError({
  code,
  message,
  provider,
  claims,
  isFlowTaken,
  retryAfterSeconds,
  maxAgeSeconds,
}: AuthError): ErrorRepresentation {
  return {
    authCode: code,
    message,
    provider,
    claims,
    isFlowTaken: code === "store_unavailable" && isFlowTaken ? true : undefined,
    retryAfterSeconds,
    maxAgeSeconds,
  };
}

/** Sets `Retry-After` if the failure has `retryAfterSeconds`. */
export function setRetryAfter(
  headers: Pick<ResponseHeaders, "set">,
  failure: AuthError,
): void {
  if (failure.retryAfterSeconds !== undefined)
    headers.set("retry-after", String(failure.retryAfterSeconds));
}

/** Returns the failure as an uncached JSON response, with the given status or the status of its code. */
export function createErrorResponse(error: unknown, status?: number): Response {
  const failure = toFailure(error);
  const headers = new Headers({ "cache-control": "no-store" });
  setRetryAfter(headers, failure);
  return Response.json(
    { error: formatError(failure) },
    { status: status ?? toStatus(failure.code), headers },
  );
}
