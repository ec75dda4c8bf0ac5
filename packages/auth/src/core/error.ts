import type { ReturnUrl } from "./identifiers.js";

/** The codes of `AuthError`, in the order of a sign-in. Public API: programs branch on these. */
export const authErrorCodes = [
  "invalid_request",
  "cross_site_request",
  "rate_limited",
  "flow_not_found",
  "browser_mismatch",
  "admin_consent_returned",
  "issuer_mismatch",
  "authorization_denied",
  "consent_required",
  "login_required",
  "interaction_required",
  "authorization_failed",
  "code_rejected",
  "client_rejected",
  "id_token_invalid",
  "tenant_not_found",
  "tenant_not_allowed",
  "user_disabled",
  "sign_in_refused",
  "not_signed_in",
  "bearer_invalid",
  "scope_required",
  "role_required",
  "tenant_required",
  "fresh_sign_in_required",
  "session_not_found",
  "user_not_found",
  "identity_provider_unavailable",
  "store_unavailable",
  "internal_error",
] as const;

/** Why a request failed. A closed set: a new code must be added to every adapter's table. */
export type AuthErrorCode = (typeof authErrorCodes)[number];

/** The identity provider's own error, reduced to values that are safe to show and to log. */
export interface ProviderError {
  /** The OAuth 2.0 error code, such as `access_denied` (RFC 6749 §4.1.2.1, §5.2). */
  readonly error: string;
  /** Entra's refinement of `error`: `basic_action`, `consent_required`, or `cancel` if the user pressed Cancel. */
  readonly suberror?: string | undefined;
  /** Entra's own code, such as `AADSTS65004`. For people: programs branch on `error`. */
  readonly aadsts?: string | undefined;
  /** Identifies the failed request in Entra's sign-in logs. */
  readonly traceId?: string | undefined;
  readonly correlationId?: string | undefined;
}

/** The details of an `AuthError` besides its code and message. */
export interface AuthErrorOptions {
  readonly cause?: unknown;
  readonly provider?: ProviderError | undefined;
  readonly claims?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
  readonly maxAgeSeconds?: number | undefined;
  readonly userId?: string | undefined;
  readonly returnUrl?: ReturnUrl | undefined;
  readonly isFlowTaken?: boolean | undefined;
}

const authErrorName = "AuthError";

/**
 * The error that this package throws. Its `code` is for programs. Its message says what happened and what to do. It
 * never contains an authorization code, verifier, token, cookie or claim value, so it is safe to show.
 */
export class AuthError extends Error {
  readonly code: AuthErrorCode;
  /** The identity provider's own error, if it caused the failure. */
  readonly provider: ProviderError | undefined;
  /**
   * With `interaction_required` or `consent_required`: the claims challenge of the identity provider, as JSON text.
   * Start a sign-in with it as `claims` to satisfy the policy.
   */
  readonly claims: string | undefined;
  /** With `rate_limited`: how many seconds to wait. */
  readonly retryAfterSeconds: number | undefined;
  /** With `fresh_sign_in_required`: the maximum time since the user authenticated. */
  readonly maxAgeSeconds: number | undefined;
  /** The ID of the user who was refused, for log and audit trail. No adapter sends it. */
  readonly userId: string | undefined;
  /** With a failed sign-in: the page the visitor came from, if the flow was found. Adapters use it only as a link. */
  readonly returnUrl: ReturnUrl | undefined;
  /** Whether the failed callback had taken its flow. If so, sending it again cannot succeed. */
  readonly isFlowTaken: boolean;

  constructor(
    code: AuthErrorCode,
    message: string,
    options: AuthErrorOptions = {},
  ) {
    super(
      message,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = authErrorName;
    this.code = code;
    this.provider = options.provider;
    this.claims = options.claims;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.maxAgeSeconds = options.maxAgeSeconds;
    this.userId = options.userId;
    this.returnUrl = options.returnUrl;
    this.isFlowTaken = options.isFlowTaken ?? false;
  }
}

/** Returns whether the value is an `AuthError` of this or another installed copy of this package. */
export function isAuthError(error: unknown): error is AuthError {
  return (
    error instanceof Error &&
    error.name === authErrorName &&
    "code" in error &&
    isAuthErrorCode(error.code)
  );
}

/** Returns an `AuthError` as it is, and any other error as the cause of an `internal_error`. */
export function toFailure(error: unknown): AuthError {
  return isAuthError(error)
    ? error
    : new AuthError("internal_error", "Something failed on our side.", {
        cause: error,
      });
}

/**
 * Returns a copy of the failure with these details. It does not change the original, which other requests may share.
 */
export function withDetails(
  failure: AuthError,
  details: Pick<AuthErrorOptions, "userId" | "returnUrl" | "isFlowTaken">,
): AuthError {
  const { code, message, cause, stack } = failure;
  const copy = new AuthError(code, message, { ...failure, cause, ...details });
  return Object.assign(copy, { stack });
}

/** Returns whether the value is one of `AuthErrorCode`. */
export function isAuthErrorCode(value: unknown): value is AuthErrorCode {
  return authErrorCodes.some((code) => code === value);
}
