import { AuthError } from "./error.js";
import type { AuthErrorCode, ProviderError } from "./error.js";
import type { State } from "./identifiers.js";
import { matchesIssuer } from "./tenant.js";

/** The redirect URI's query, as it came. A parameter that was repeated is a list, and is refused. */
export type CallbackParameters = Readonly<
  Record<string, string | readonly string[] | undefined>
>;

const statePattern = /^[A-Za-z0-9_-]{43}$/;
// RFC 6749 §A.11: printable ASCII. Anything else would fail inside MSAL, as if it were our fault.
const codePattern = /^[\x20-\x7e]{1,8192}$/;

/**
 * Answers the state that names the callback's flow.
 *
 * @throws {AuthError} `invalid_request` if there is none, or more than one.
 * @throws {AuthError} `flow_not_found` if no server of ours can have issued it.
 */
export function parseState(parameters: CallbackParameters): State {
  const state = readParameter(parameters, "state");
  if (state === undefined) {
    throw new AuthError(
      "invalid_request",
      "The callback carries no state. Start the sign-in again.",
    );
  }
  if (!statePattern.test(state)) {
    throw new AuthError(
      "flow_not_found",
      "No flow waits for this state. Start the sign-in again.",
    );
  }
  return state as State;
}

/**
 * Answers the authorization code, once the callback is known to belong to a flow of this browser.
 *
 * @throws {AuthError} `issuer_mismatch` if `iss` is another identity provider's, or missing where it is announced
 *   (RFC 9207 §2.4); on error answers too.
 * @throws {AuthError} `authorization_denied`, `consent_required`, `login_required`, `interaction_required`,
 *   `identity_provider_unavailable` or `authorization_failed` if the identity provider answered with an error.
 * @throws {AuthError} `invalid_request` if a parameter is repeated, or there is neither code nor error.
 */
export function parseAuthorizationResponse(
  parameters: CallbackParameters,
  issuer: string,
  requiresIssParameter: boolean,
): string {
  requireIssuer(parameters, issuer, requiresIssParameter);
  const error = readParameter(parameters, "error");
  const code = readParameter(parameters, "code");
  if (error !== undefined)
    throw toAuthError(error, readParameter(parameters, "error_description"));
  if (code === undefined || !codePattern.test(code)) {
    throw new AuthError(
      "invalid_request",
      "The callback carries neither a code nor an error. Start the sign-in again.",
    );
  }
  return code;
}

function requireIssuer(
  parameters: CallbackParameters,
  issuer: string,
  isRequired: boolean,
): void {
  const values = listValues(parameters, "iss");
  const [iss] = values;
  const isAcceptable =
    iss === undefined
      ? !isRequired
      : values.length === 1 && matchesIssuer(iss, issuer);
  if (!isAcceptable) {
    throw new AuthError(
      "issuer_mismatch",
      "The callback comes from another identity provider than the one asked.",
    );
  }
}

function readParameter(
  parameters: CallbackParameters,
  name: string,
): string | undefined {
  const values = listValues(parameters, name);
  if (values.length > 1)
    throw new AuthError(
      "invalid_request",
      `The callback repeats its parameter "${name}".`,
    );
  return values[0];
}

function listValues(
  parameters: CallbackParameters,
  name: string,
): readonly string[] {
  const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  if (value === undefined) return [];
  return typeof value === "string" ? [value] : value;
}

const refusals: Readonly<Record<string, AuthErrorCode>> = {
  access_denied: "authorization_denied",
  consent_required: "consent_required",
  login_required: "login_required",
  interaction_required: "interaction_required",
  account_selection_required: "interaction_required",
  temporarily_unavailable: "identity_provider_unavailable",
  server_error: "identity_provider_unavailable",
};

const messages: Readonly<Partial<Record<AuthErrorCode, string>>> = {
  authorization_denied:
    "The sign-in was cancelled or refused at the identity provider.",
  consent_required:
    "The application still needs consent, from the person or an administrator.",
  login_required: "The identity provider asks the person to sign in.",
  interaction_required:
    "The identity provider needs the person to do something first.",
  identity_provider_unavailable:
    "The identity provider cannot sign anybody in at the moment. Try again later.",
};

/** Declining the consent page arrives as `consent_required` in some answers: the code tells that it was a refusal. */
const declinedConsent = "AADSTS65004";

function toAuthError(
  error: string,
  description: string | undefined,
): AuthError {
  const provider = parseProviderError(error, description);
  const known = Object.hasOwn(refusals, error) ? refusals[error] : undefined;
  const code =
    provider.aadsts === declinedConsent
      ? "authorization_denied"
      : (known ?? "authorization_failed");
  return new AuthError(
    code,
    messages[code] ?? "The identity provider refused the sign-in.",
    { provider },
  );
}

/**
 * Reduces an error answer to values of a known form: whatever the identity provider, or whoever wrote the link, put
 * into its texts is left behind.
 */
export function parseProviderError(
  error: string,
  description: string | undefined,
): ProviderError {
  const text = description?.slice(0, 4096) ?? "";
  const aadsts = /^(AADSTS\d{1,9})\b/.exec(text)?.[1];
  const traceId = /\bTrace ID: ([0-9a-f-]{36})\b/i.exec(text)?.[1];
  const correlationId = /\bCorrelation ID: ([0-9a-f-]{36})\b/i.exec(text)?.[1];
  return {
    error: /^[a-z_]{1,64}$/.test(error) ? error : "unknown_error",
    ...(aadsts === undefined ? {} : { aadsts }),
    ...(traceId === undefined ? {} : { traceId }),
    ...(correlationId === undefined ? {} : { correlationId }),
  };
}
