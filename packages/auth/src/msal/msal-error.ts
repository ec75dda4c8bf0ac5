import type { AuthError as MsalError } from "@azure/msal-node";
import { AuthError, isAuthError } from "../core/error.js";
import { createProviderFailure } from "../core/provider/provider-failure.js";
import type { ProviderOperation } from "../core/provider/provider-failure.js";
import type { NetworkFindings } from "./network-client.js";

// MSAL's error codes for an invalid ID token. MSAL validates it before the core does.
const idTokenFindings: ReadonlySet<string> = new Set([
  "nonce_mismatch",
  "token_parsing_error",
  "null_or_empty_token",
  "invalid_id_token",
  "nonce_not_found",
]);

/**
 * Translates an error of MSAL, with the findings of the network client. MSAL reports every `suberror` as a required
 * interaction, even for a policy that blocks the sign-in, so the response itself decides. Any other error is an
 * `internal_error`.
 */
export function toAuthError(
  error: unknown,
  { unavailable, provider, claims }: NetworkFindings,
  operation: ProviderOperation,
): AuthError {
  if (isAuthError(error)) return error;
  if (unavailable !== undefined) {
    return new AuthError(
      "identity_provider_unavailable",
      "The identity provider cannot be reached. Try again in a moment.",
      { cause: error, provider },
    );
  }
  if (provider !== undefined)
    return createProviderFailure(operation, provider, { claims, cause: error });
  return explainMsalError(error);
}

function explainMsalError(error: unknown): AuthError {
  if (!isMsalError(error)) {
    return new AuthError(
      "internal_error",
      "The sign-in library failed on our side.",
      { cause: error },
    );
  }
  if (error.name === "InteractionRequiredAuthError") {
    return new AuthError(
      "interaction_required",
      "The account must sign in or consent again.",
      { cause: error },
    );
  }
  return idTokenFindings.has(error.errorCode)
    ? new AuthError(
        "id_token_invalid",
        "The identity provider's response contains no valid ID token.",
        { cause: error },
      )
    : new AuthError(
        "authorization_failed",
        "The identity provider refused the request.",
        { cause: error },
      );
}

function isMsalError(error: unknown): error is MsalError {
  return (
    error instanceof Error &&
    "errorCode" in error &&
    typeof error.errorCode === "string"
  );
}
