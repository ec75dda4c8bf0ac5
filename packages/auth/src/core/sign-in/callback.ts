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

/** The redirect URI's query, as it came. A parameter that was repeated is a list, and is refused. */
export type CallbackParameters = Readonly<
  Record<string, string | readonly string[] | undefined>
>;

/** A callback, parsed once where the request arrives. */
export interface ParsedCallback {
  readonly parameters: CallbackParameters;
  /** The flow that its state names; `undefined` if it has no state or more than one. */
  readonly named: NamedFlow | undefined;
}

/** The flow that a state names, whether or not there is one. */
export interface NamedFlow {
  readonly state: string;
  readonly stateDigest: Digest;
  readonly flowId: FlowId;
}

const statePattern = /^[A-Za-z0-9_-]{43}$/;
// RFC 6749 §A.11: printable ASCII. Anything else would fail inside MSAL, as if it were our fault.
const codePattern = /^[\x20-\x7e]{1,8192}$/;
const errorParameters = [
  "error",
  "error_description",
  "error_subcode",
  "suberror",
  "claims",
];

/** Parses the query of the redirect URI. Its state is hashed here and nowhere else. */
export function parseCallback(parameters: CallbackParameters): ParsedCallback {
  const [state, ...others] = listValues(parameters, "state");
  if (state === undefined || others.length > 0)
    return { parameters, named: undefined };
  const stateDigest = createDigest(state);
  const flowId = createFlowId(stateDigest);
  return { parameters, named: { state, stateDigest, flowId } };
}

/**
 * Returns the flow that the callback names.
 *
 * @throws {AuthError} `invalid_request` if the callback repeats its state, or has none and no explanation.
 * @throws {AuthError} `flow_not_found` if no server of ours can have issued the state.
 * @throws {AuthError} `admin_consent_returned`, or what an error of the identity provider means, if the callback has no
 *   state, or none of ours, and says that.
 */
export function requireNamedFlow({
  parameters,
  named,
}: ParsedCallback): NamedFlow & { readonly state: State } {
  if (named === undefined) {
    throw listValues(parameters, "state").length > 1
      ? repeatedParameter("state")
      : explainMissingState(parameters);
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
 * Returns the failure that a callback which belongs to no flow stands for, if an administrator's consent sent it: the
 * identity provider returns to the redirect URI from there as well, with a state of the administrator's own or none. Its
 * `tenant` is not believed.
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
      "The callback carries no state. Start the sign-in again.",
      { provider: parseProviderError(parameters) },
    )
  );
}

/**
 * Returns the failure of an error that belongs to no flow, if we know the error or Entra numbered it. Anyone can write
 * such a link, so a claims challenge in it is left behind.
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
 * Returns the authorization code, once the callback is known to belong to a flow of this browser.
 *
 * @throws {AuthError} `issuer_mismatch` if `iss` is another identity provider's, or missing where it is announced
 *   (RFC 9207 §2.4); on error answers too.
 * @throws {AuthError} `authorization_denied`, `consent_required`, `login_required`, `interaction_required`,
 *   `rate_limited`, `client_rejected`, `identity_provider_unavailable` or `authorization_failed` if the identity provider
 *   answered with an error.
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
