import { toFailure } from "../core/error.js";
import type { AuthError, AuthErrorCode, ProviderError } from "../core/error.js";

export { toFailure } from "../core/error.js";

/** What an HTTP caller learns about a failure. */
export interface ErrorRepresentation {
  readonly authCode: AuthErrorCode;
  /** Safe to show. */
  readonly message: string;
  readonly provider?: ProviderError;
  /** With `interaction_required` or `consent_required`: the claims challenge to sign in with. */
  readonly claims?: string;
  /** With `store_unavailable`: the callback's flow was taken, so sending the same callback again does not help. */
  readonly isFlowTaken?: true;
  readonly retryAfterSeconds?: number;
  /** With `fresh_sign_in_required`: what to sign in with. */
  readonly maxAgeSeconds?: number;
}

// 401 for a sign-in that is not fresh enough: RFC 9470 §3 does so too.
const statusCodes = {
  invalid_request: 400,
  cross_site_request: 403,
  rate_limited: 429,
  flow_not_found: 400,
  browser_mismatch: 400,
  admin_consent_returned: 400,
  issuer_mismatch: 400,
  authorization_denied: 403,
  consent_required: 403,
  login_required: 401,
  interaction_required: 401,
  authorization_failed: 502,
  code_rejected: 400,
  client_rejected: 502,
  id_token_invalid: 502,
  tenant_not_found: 502,
  tenant_not_allowed: 403,
  user_disabled: 403,
  sign_in_refused: 403,
  not_signed_in: 401,
  role_required: 403,
  tenant_required: 403,
  fresh_sign_in_required: 401,
  session_not_found: 404,
  user_not_found: 404,
  identity_provider_unavailable: 503,
  store_unavailable: 503,
  internal_error: 500,
} as const satisfies Record<AuthErrorCode, number>;

/** Returns the HTTP status of an error code. */
export function toStatus(code: AuthErrorCode): number {
  return statusCodes[code];
}

/** Returns what the caller may learn about the failure. */
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
    ...(provider === undefined ? {} : { provider }),
    ...(claims === undefined ? {} : { claims }),
    ...(code === "store_unavailable" && isFlowTaken
      ? { isFlowTaken: true }
      : {}),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
  };
}

/** Returns the failure as an HTTP response with a JSON body that no cache keeps, with the status of its code or the given. */
export function createErrorResponse(error: unknown, status?: number): Response {
  const failure = toFailure(error);
  const headers = new Headers({ "cache-control": "no-store" });
  if (failure.retryAfterSeconds !== undefined)
    headers.set("retry-after", String(failure.retryAfterSeconds));
  return Response.json(
    { error: formatError(failure) },
    { status: status ?? toStatus(failure.code), headers },
  );
}
