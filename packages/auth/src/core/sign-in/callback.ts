import { AuthError } from "../error.js";
import { createDigest } from "../digest.js";
import { createFlowId } from "./flow.js";
import type { Digest, FlowId, State } from "../identifiers.js";
import {
  parseClaimsChallenge,
  parseProviderError,
} from "../provider/provider-error.js";
import { createProviderFailure } from "../provider/provider-failure.js";
import { matchesIssuer } from "../provider/tenant.js";

/** The query of the callback, unchecked. A repeated parameter is a list, and is refused. */
export type CallbackParameters = Readonly<
  Record<string, string | readonly string[] | undefined>
>;

/** A parsed callback. */
export interface ParsedCallback {
  readonly parameters: CallbackParameters;
  /** The flow that its state identifies; `undefined` if it has no state or more than one. */
  readonly named: NamedFlow | undefined;
}

/** The flow that a state identifies, whether or not it exists. */
export interface NamedFlow {
  readonly state: string;
  readonly stateDigest: Digest;
  readonly flowId: FlowId;
}

const statePattern = /^[A-Za-z0-9_-]{43}$/;
// RFC 6749 §A.11: printable ASCII. MSAL would fail with an unspecific error on anything else.
const codePattern = /^[\x20-\x7e]{1,8192}$/;
const errorParameters = [
  "error",
  "error_description",
  "error_subcode",
  "suberror",
  "claims",
];

/** Parses the query of the callback. The state is hashed only here. */
export function parseCallback(parameters: CallbackParameters): ParsedCallback {
  const [state, ...others] = listValues(parameters, "state");
  if (state === undefined || others.length > 0)
    return { parameters, named: undefined };
  const stateDigest = createDigest(state);
  const flowId = createFlowId(stateDigest);
  return { parameters, named: { state, stateDigest, flowId } };
}

/**
 * Returns the flow that the callback's state identifies.
 *
 * @throws {AuthError} `invalid_request` if the callback repeats its state, or has neither a state nor an error.
 * @throws {AuthError} `flow_not_found` if the state is malformed.
 * @throws {AuthError} `admin_consent_returned` or the code of the identity provider's error, if the callback reports
 *   one without a valid state.
 */
export function requireNamedFlow({
  parameters,
  named,
}: ParsedCallback): NamedFlow & { readonly state: State } {
  if (named === undefined) {
    throw listValues(parameters, "state").length === 0
      ? explainMissingState(parameters)
      : repeatedParameter("state");
  }
  if (!statePattern.test(named.state)) {
    throw (
      explainAdminConsent(parameters) ??
      new AuthError(
        "flow_not_found",
        "No flow waits for this state. Start the sign-in again.",
      )
    );
  }
  return { ...named, state: named.state as State };
}

/**
 * Returns the failure for a callback without a flow if it comes from an administrator's consent, which also returns to
 * the redirect URI, with any state or none. The parameter `tenant` is ignored, because anyone can write such a link.
 *
 * @see {@link https://learn.microsoft.com/entra/identity-platform/v2-admin-consent | Admin consent}
 */
export function explainAdminConsent(
  parameters: CallbackParameters,
): AuthError | undefined {
  const [adminConsent] = listValues(parameters, "admin_consent");
  if (adminConsent?.toLowerCase() !== "true") return undefined;
  return (
    explainError(parameters) ??
    new AuthError(
      "admin_consent_returned",
      "An administrator gave consent for the organisation. This did not sign you in. Sign in to continue.",
    )
  );
}

function explainMissingState(parameters: CallbackParameters): AuthError {
  return (
    explainError(parameters) ??
    explainAdminConsent(parameters) ??
    new AuthError(
      "invalid_request",
      "The callback has no state. Start the sign-in again.",
      { provider: parseProviderError(parameters) },
    )
  );
}

/**
 * Returns the failure for an error in a callback without a flow, if its code or AADSTS number is known. Anyone can
 * write such a link, so its claims challenge is ignored.
 */
function explainError(parameters: CallbackParameters): AuthError | undefined {
  const provider = parseProviderError(parameters);
  if (provider === undefined) return undefined;
  const failure = createProviderFailure("authorize", provider);
  const isKnown =
    failure.code !== "authorization_failed" || provider.aadsts !== undefined;
  return isKnown ? failure : undefined;
}

/**
 * Returns the authorization code. Call it only after the browser's flow was taken.
 *
 * @throws {AuthError} `issuer_mismatch` if `iss` is not the identity provider's, or is missing although its metadata
 *   requires it (RFC 9207 §2.4). This also applies to error responses.
 * @throws {AuthError} `authorization_denied`, `consent_required`, `login_required`, `interaction_required`,
 *   `rate_limited`, `client_rejected`, `identity_provider_unavailable` or `authorization_failed` if the identity
 *   provider responded with an error.
 * @throws {AuthError} `invalid_request` if a parameter is repeated, or there is neither code nor error.
 */
export function parseAuthorizationResponse(
  parameters: CallbackParameters,
  issuer: string,
  requiresIssParameter: boolean,
): string {
  requireIssuer(parameters, issuer, requiresIssParameter);
  const code = readParameter(parameters, "code");
  for (const name of errorParameters) readParameter(parameters, name);
  const provider = parseProviderError(parameters);
  if (provider !== undefined) {
    throw createProviderFailure("authorize", provider, {
      claims: parseClaimsChallenge(parameters),
    });
  }
  if (code === undefined || !codePattern.test(code)) {
    throw new AuthError(
      "invalid_request",
      "The callback has neither a code nor an error. Start the sign-in again.",
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
      "The callback comes from another identity provider than the flow was initiated with.",
    );
  }
}

function readParameter(
  parameters: CallbackParameters,
  name: string,
): string | undefined {
  const values = listValues(parameters, name);
  if (values.length > 1) throw repeatedParameter(name);
  return values[0];
}

function repeatedParameter(name: string): AuthError {
  return new AuthError(
    "invalid_request",
    `The callback repeats its parameter "${name}".`,
  );
}

function listValues(
  parameters: CallbackParameters,
  name: string,
): readonly string[] {
  const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  if (value === undefined) return [];
  return typeof value === "string" ? [value] : value;
}
