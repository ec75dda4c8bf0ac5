import type { AuthErrorCode, ProviderError } from "../core/error.js";

/**
 * The cause of a failure: a code of the server, or `unreachable` if the server did not respond.
 *
 * It can be any other string, too: after an update, pages that are still open receive codes of the newer server. Handle
 * such a code as `internal_error`.
 */
export type AuthFailureCode = AuthErrorCode | "unreachable" | NewerCode;

/** A string that does not absorb the known codes, so that editors still suggest them. */
type NewerCode = string & Record<never, never>;

/** A failure as plain values. It contains the other fields of tRPC's `error.data`, too. */
export interface AuthFailure {
  readonly code: AuthFailureCode;
  /** Safe to show, but written for developers. */
  readonly message: string;
  /** The identity provider's error, if it caused the failure. */
  readonly provider?: ProviderError | undefined;
  /** With `interaction_required` or `consent_required`: the `claims` to pass to `signIn`, if a policy requires them. */
  readonly claims?: string | undefined;
  /** With `store_unavailable` of a callback: its flow was taken, so a new sign-in is necessary. */
  readonly isFlowTaken?: boolean | undefined;
  /** With `rate_limited`: how many seconds to wait. */
  readonly retryAfterSeconds?: number | undefined;
  /** With `fresh_sign_in_required`: the `maxAgeSeconds` to pass to `signIn`. */
  readonly maxAgeSeconds?: number | undefined;
}

/**
 * Returns the failure that an error of an `AuthClient` contains. It reads tRPC's `error.data` and trusts the server for
 * its fields, as for every response. An error without a code of the sign-in layer is `internal_error`. An error that
 * does not come from the server (no network, a proxy's error page) is `unreachable`.
 */
export function parseAuthFailure(error: unknown): AuthFailure {
  const { message, data } = isServerError(error) ? error : unreachable;
  return { ...data, code: data.authCode ?? "internal_error", message };
}

/** Returns whether the failure means that the visitor is signed out, not that the state is unknown. */
export function meansSignedOut({ code }: AuthFailure): boolean {
  return code === "not_signed_in" || code === "user_disabled";
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

/** An error of tRPC's client, with the data that the server's error formatter writes. */
interface ServerError {
  readonly message: string;
  readonly data: Omit<AuthFailure, "code" | "message"> & {
    readonly authCode?: AuthFailureCode | undefined;
  };
}

const unreachable: ServerError = {
  message: "The server did not respond.",
  data: { authCode: "unreachable" },
};

function isServerError(error: unknown): error is ServerError {
  return error instanceof Object && "data" in error && !!error.data;
}
