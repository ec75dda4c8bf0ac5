import { showFormPostPage } from "../pages/form-post-page.js";
import type { EmulatorState } from "../state/emulator-state.js";
import type { ResponseTarget } from "./authorization-request.js";
import { type ErrorAnswer, formatDescription } from "./error-answer.js";

/** Names and values in the order in which they are sent. */
export type AnswerParameters = readonly (readonly [string, string])[];

/** Sends an authorization response to the app, changed by active faults. */
export function sendAnswer(
  state: EmulatorState,
  target: ResponseTarget,
  parameters: AnswerParameters,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const changed = state.faults
    .take("authorization_response", { clientId: target.app.clientId })
    .reduce(changeParameters, parameters);
  if (target.responseMode === "form_post")
    return showFormPostPage(target.redirectUri, changed, headers);
  const location = createLocation(target, changed);
  return new Response(undefined, {
    status: 302,
    headers: { ...redirectHeaders, ...headers, Location: location },
  });
}

/**
 * Returns the parameters of an error. Some, such as `consent_required`, are named differently at the token endpoint.
 */
export function errorParameters(
  answer: ErrorAnswer,
  state: string | undefined,
): AnswerParameters {
  return [
    ["error", redirectErrors[answer.code] ?? answer.error],
    ["error_description", formatDescription(answer, "\r\n")],
    ["error_uri", answer.errorUri],
    ...stateParameter(state),
  ];
}

/** Returns the parameters after the Cancel button, which have no AADSTS number and no description. */
export function cancelParameters(state: string | undefined): AnswerParameters {
  return [
    ["error", "access_denied"],
    ["error_subcode", "cancel"],
    ...stateParameter(state),
  ];
}

/** Returns `state` as a parameter, if the request had one. */
export function stateParameter(state: string | undefined): AnswerParameters {
  return state === undefined ? [] : [["state", state]];
}

const redirectHeaders = {
  "Cache-Control": "no-store, no-cache",
  Pragma: "no-cache",
  "Referrer-Policy": "no-referrer",
} as const;

const redirectErrors: Readonly<Record<number, string>> = {
  65001: "consent_required",
  50057: "interaction_required",
};

function createLocation(
  { redirectUri, responseMode }: ResponseTarget,
  parameters: AnswerParameters,
): string {
  const encoded = parameters
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join("&");
  const base = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]+$/i.test(redirectUri)
    ? `${redirectUri}/`
    : redirectUri;
  if (responseMode === "fragment") return `${base}#${encoded}`;
  // With an empty fragment, a browser does not keep the fragment of the previous page.
  return `${base}${base.includes("?") ? "&" : "?"}${encoded}#`;
}

// Lower-case hexadecimal digits and `+` for a space, as captured.
function encode(text: string): string {
  return encodeURIComponent(text)
    .replace(/[~']/g, (character) => `%${character.charCodeAt(0).toString(16)}`)
    .replace(/%20/g, "+")
    .replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase());
}

function changeParameters(
  parameters: AnswerParameters,
  fault: {
    readonly set?:
      Readonly<Record<string, string | readonly string[]>> | undefined;
    readonly remove?: readonly string[] | undefined;
  },
): AnswerParameters {
  const set = fault.set ?? {};
  const kept = parameters.filter(
    ([name]) => !(name in set) && !(fault.remove?.includes(name) ?? false),
  );
  const added = Object.entries(set).flatMap(([name, value]) =>
    (typeof value === "string" ? [value] : value).map(
      (single) => [name, single] as const,
    ),
  );
  return [...kept, ...added];
}
