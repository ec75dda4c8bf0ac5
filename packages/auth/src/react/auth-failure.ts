import type { AuthErrorCode, ProviderError } from "../core/error.js";

/** Why something failed, as the browser knows it: a code of the server's, or `unreachable` if no server of ours answered. */
export type AuthFailureCode = AuthErrorCode | "unreachable";

/** A failure in plain values. */
export interface AuthFailure {
  readonly code: AuthFailureCode;
  /** Safe to show; for developers rather than for visitors. */
  readonly message: string;
  /** What the identity provider said, where it is the origin of the failure. */
  readonly provider: ProviderError | undefined;
  /** With `interaction_required` or `consent_required`: what to give to `signIn` as `claims`, where a policy asked for more. */
  readonly claims: string | undefined;
  /** With `store_unavailable` of a callback: its flow was taken, so only a new sign-in helps. */
  readonly isFlowTaken?: true | undefined;
  /** With `rate_limited`: how many seconds to wait. */
  readonly retryAfterSeconds: number | undefined;
  /** With `fresh_sign_in_required`: what to give to `signIn` as `maxAgeSeconds`. */
  readonly maxAgeSeconds: number | undefined;
}

/**
 * Returns what an error of an `AuthClient` means. It reads tRPC's `error.data`; whatever does not come from our server
 * (no network, a proxy's error page) is `unreachable`.
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

/** Returns whether the failure says that nobody is signed in, rather than that the answer could not be found out. */
export function meansSignedOut(failure: AuthFailure): boolean {
  return (
    failure.code !== "unreachable" && meaning[failure.code] === "signed_out"
  );
}

/**
 * Returns whether the flow may still wait after `completeSignIn` failed like this, so that the same callback can be sent
 * again. After every other failure the flow is gone, and only a new sign-in helps.
 */
export function canRetryCallback({ code, isFlowTaken }: AuthFailure): boolean {
  return (
    code === "unreachable" ||
    (code === "store_unavailable" && isFlowTaken !== true)
  );
}

const unreachable: AuthFailure = {
  code: "unreachable",
  message: "The server did not answer. Check the connection, then try again.",
  provider: undefined,
  claims: undefined,
  retryAfterSeconds: undefined,
  maxAgeSeconds: undefined,
};

// Also the list of codes that this file knows at run time: the browser imports types from the core, nothing else.
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
