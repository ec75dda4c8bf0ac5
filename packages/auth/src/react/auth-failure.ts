import type { AuthErrorCode, ProviderError } from "../core/error.js";

/** The cause of a failure: a code of the server, or `unreachable` if the server did not respond. */
export type AuthFailureCode = AuthErrorCode | "unreachable";

/** A failure as plain values. */
export interface AuthFailure {
  readonly code: AuthFailureCode;
  /** Safe to show, but written for developers. */
  readonly message: string;
  /** The identity provider's error, if it caused the failure. */
  readonly provider: ProviderError | undefined;
  /** With `interaction_required` or `consent_required`: the `claims` to pass to `signIn`, if a policy requires them. */
  readonly claims: string | undefined;
  /** With `store_unavailable` of a callback: its flow was taken, so a new sign-in is necessary. */
  readonly isFlowTaken?: true | undefined;
  /** With `rate_limited`: how many seconds to wait. */
  readonly retryAfterSeconds: number | undefined;
  /** With `fresh_sign_in_required`: the `maxAgeSeconds` to pass to `signIn`. */
  readonly maxAgeSeconds: number | undefined;
}

/**
 * Returns the failure that an error of an `AuthClient` contains. It reads tRPC's `error.data`. An error that does not
 * come from the server (no network, a proxy's error page) is `unreachable`.
 */
export function parseAuthFailure(error: unknown): AuthFailure {
  const data = isRecord(error) && isRecord(error.data) ? error.data : undefined;
  if (data === undefined) return unreachable;
  return {
    code: isAuthErrorCode(data.authCode) ? data.authCode : "internal_error",
    message: (isRecord(error) && parseText(error.message)) || "",
    provider: parseProviderError(data.provider),
    claims: parseText(data.claims),
    isFlowTaken: data.isFlowTaken === true ? true : undefined,
    retryAfterSeconds: parseSeconds(data.retryAfterSeconds),
    maxAgeSeconds: parseSeconds(data.maxAgeSeconds),
  };
}

/** Returns whether the failure means that the visitor is signed out, not that the state is unknown. */
export function meansSignedOut(failure: AuthFailure): boolean {
  return (
    failure.code !== "unreachable" && meaning[failure.code] === "signed_out"
  );
}

/**
 * Returns whether the flow may still be pending after this failure of `completeSignIn`, so that the same callback can
 * be sent again. After any other failure the flow is gone and a new sign-in is necessary.
 */
export function canRetryCallback({ code, isFlowTaken }: AuthFailure): boolean {
  return (
    code === "unreachable" ||
    (code === "store_unavailable" && isFlowTaken !== true)
  );
}

const unreachable: AuthFailure = {
  code: "unreachable",
  message: "The server did not respond. Check the connection, then try again.",
  provider: undefined,
  claims: undefined,
  retryAfterSeconds: undefined,
  maxAgeSeconds: undefined,
};

// Also the list of codes at run time: the browser imports only types from the core.
const meaning = {
  invalid_request: "unknown",
  cross_site_request: "unknown",
  rate_limited: "unknown",
  flow_not_found: "unknown",
  browser_mismatch: "unknown",
  admin_consent_returned: "unknown",
  issuer_mismatch: "unknown",
  authorization_denied: "unknown",
  consent_required: "unknown",
  login_required: "unknown",
  interaction_required: "unknown",
  authorization_failed: "unknown",
  code_rejected: "unknown",
  client_rejected: "unknown",
  id_token_invalid: "unknown",
  tenant_not_found: "unknown",
  tenant_not_allowed: "unknown",
  user_disabled: "signed_out",
  sign_in_refused: "unknown",
  not_signed_in: "signed_out",
  bearer_invalid: "unknown",
  scope_required: "unknown",
  role_required: "unknown",
  tenant_required: "unknown",
  fresh_sign_in_required: "unknown",
  session_not_found: "unknown",
  user_not_found: "unknown",
  identity_provider_unavailable: "unknown",
  store_unavailable: "unknown",
  internal_error: "unknown",
} as const satisfies Record<AuthErrorCode, "signed_out" | "unknown">;

function isAuthErrorCode(value: unknown): value is AuthErrorCode {
  return typeof value === "string" && Object.hasOwn(meaning, value);
}

function parseSeconds(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function parseProviderError(value: unknown): ProviderError | undefined {
  if (!isRecord(value) || typeof value.error !== "string") return undefined;
  return {
    error: value.error,
    suberror: parseText(value.suberror),
    aadsts: parseText(value.aadsts),
    traceId: parseText(value.traceId),
    correlationId: parseText(value.correlationId),
  };
}

function parseText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
