import type { AuthError as MsalError } from "@azure/msal-node";
import { AuthError, isAuthError } from "../core/error.js";
import type { AuthErrorCode } from "../core/error.js";
import type { NetworkFindings } from "./network-client.js";

/** Whether the person is here to answer a question of the identity provider. */
export type MsalOperation = "exchange_code" | "acquire_token";

const messages = {
  identity_provider_unavailable:
    "The identity provider cannot be reached. Try again in a moment.",
  code_rejected:
    "The identity provider refused the code: it was used before, or expired. Start the sign-in again.",
  client_rejected:
    "The identity provider refused the application's own credential or registration. Its developer has to act.",
  interaction_required: "The account must sign in or consent again.",
  consent_required:
    "The application still needs consent, from the person or an administrator.",
  id_token_invalid:
    "The identity provider's answer holds no acceptable ID token.",
  authorization_failed: "The identity provider refused the request.",
} as const satisfies Partial<Record<AuthErrorCode, string>>;

type Code = keyof typeof messages;

const exchangeCodes: Readonly<Record<string, Code>> = {
  invalid_grant: "code_rejected",
  invalid_client: "client_rejected",
  unauthorized_client: "client_rejected",
  interaction_required: "interaction_required",
  login_required: "interaction_required",
  consent_required: "consent_required",
  temporarily_unavailable: "identity_provider_unavailable",
  server_error: "identity_provider_unavailable",
};

// A refresh token that is dead in whatever way asks for the person: MSAL itself says so of some of these only.
const acquireCodes: Readonly<Record<string, Code>> = {
  ...exchangeCodes,
  invalid_grant: "interaction_required",
};

// What MSAL finds in an ID token, before we look.
const idTokenFindings: ReadonlySet<string> = new Set([
  "nonce_mismatch",
  "token_parsing_error",
  "null_or_empty_token",
  "invalid_id_token",
  "nonce_not_found",
]);

/** Translates what MSAL threw, with what its network client saw. What neither explains is an internal error of ours. */
export function toAuthError(
  error: unknown,
  findings: NetworkFindings,
  operation: MsalOperation,
): AuthError {
  if (isAuthError(error)) return error;
  const code = findCode(error, findings, operation);
  if (code === undefined) {
    return new AuthError(
      "internal_error",
      "The sign-in library failed on our side.",
      { cause: error },
    );
  }
  return new AuthError(code, messages[code], {
    cause: error,
    provider: findings.provider,
  });
}

function findCode(
  error: unknown,
  { unavailable, provider }: NetworkFindings,
  operation: MsalOperation,
): Code | undefined {
  if (unavailable !== undefined) return "identity_provider_unavailable";
  if (provider !== undefined) {
    const codes = operation === "exchange_code" ? exchangeCodes : acquireCodes;
    return (
      (Object.hasOwn(codes, provider.error)
        ? codes[provider.error]
        : undefined) ?? "authorization_failed"
    );
  }
  if (!isMsalError(error)) return undefined;
  if (error.name === "InteractionRequiredAuthError")
    return "interaction_required";
  return idTokenFindings.has(error.errorCode)
    ? "id_token_invalid"
    : "authorization_failed";
}

function isMsalError(error: unknown): error is MsalError {
  return (
    error instanceof Error &&
    "errorCode" in error &&
    typeof error.errorCode === "string"
  );
}
