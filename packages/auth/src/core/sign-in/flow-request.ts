import type { CallbackParameters } from "./callback.js";
import {
  isClaimsRequest,
  maximumClaimsLength,
} from "../provider/claims-request.js";
import {
  invalidRequest,
  parseFields,
  readField,
  readShortText,
  readText,
  readWholeNumber,
} from "../fields.js";
import type { Fields } from "../fields.js";
import type { FlowRequest } from "./flow.js";
import type { Prompt } from "../provider/identity-client.js";

const prompts = [
  "none",
  "login",
  "consent",
  "select_account",
  "create",
] as const satisfies readonly Prompt[];
// RFC 6749 §3.3: printable ASCII without space, quotation mark and backslash.
const scopePattern = /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/;
const maximumScopes = 50;
const maximumHintLength = 2048;
const maxAgeBounds = { least: 0, most: 31_536_000 };
const maximumParameters = 50;
const maximumParameterLength = 16384;

/**
 * Parses untrusted input into a flow request. Unknown properties are ignored.
 *
 * @throws {AuthError} `invalid_request` if the input is malformed. The message names the property.
 */
export function parseFlowRequest(input: unknown): FlowRequest {
  const fields = parseFields(input ?? {});
  return {
    returnUrl: readText(fields, "returnUrl"),
    scopes: readScopes(fields),
    prompt: readPrompt(fields),
    loginHint: readShortText(fields, "loginHint", maximumHintLength),
    domainHint: readShortText(fields, "domainHint", maximumHintLength),
    claims: readClaims(fields),
    maxAgeSeconds: readWholeNumber(fields, "maxAgeSeconds", maxAgeBounds),
  };
}

/**
 * Parses untrusted input into the query of a callback: an object whose values are strings, or lists of strings for
 * repeated parameters.
 *
 * @throws {AuthError} `invalid_request` if the input is malformed.
 */
export function parseCallbackParameters(input: unknown): CallbackParameters {
  const fields = parseFields(input);
  const entries = Object.entries(fields);
  if (entries.length > maximumParameters)
    throw invalidRequest("The callback has too many parameters.");
  const parameters = new Map<string, string | readonly string[]>();
  for (const [name, value] of entries) {
    if (!isText(value) && !(Array.isArray(value) && value.every(isText))) {
      throw invalidRequest("The callback's parameters must be strings.");
    }
    parameters.set(name, value);
  }
  return Object.fromEntries(parameters);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length <= maximumParameterLength;
}

function readScopes(fields: Fields): readonly string[] {
  const value = readField(fields, "scopes") ?? [];
  const isAcceptable =
    Array.isArray(value) &&
    value.length <= maximumScopes &&
    value.every(
      (scope) => typeof scope === "string" && scopePattern.test(scope),
    );
  if (!isAcceptable) throw invalidRequest("scopes must be a list of scopes.");
  return value;
}

function readPrompt(fields: Fields): Prompt | undefined {
  const value = readField(fields, "prompt");
  if (value === undefined) return undefined;
  const prompt = prompts.find((candidate) => candidate === value);
  if (prompt === undefined)
    throw invalidRequest(`prompt must be one of ${prompts.join(", ")}.`);
  return prompt;
}

function readClaims(fields: Fields): string | undefined {
  const claims = readShortText(fields, "claims", maximumClaimsLength);
  if (claims !== undefined && !isClaimsRequest(claims))
    throw invalidRequest("claims must be a claims request as JSON text.");
  return claims;
}
