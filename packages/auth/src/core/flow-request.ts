import type { CallbackParameters } from "./callback.js";
import { AuthError } from "./error.js";
import type { FlowRequest } from "./flow.js";
import type { Prompt } from "./ports.js";

type Fields = Readonly<Record<string, unknown>>;

const prompts = [
  "none",
  "login",
  "consent",
  "select_account",
  "create",
] as const satisfies readonly Prompt[];
// RFC 6749 §3.3: printable ASCII without blank, quotation mark and backslash.
const scopePattern = /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/;
// Half of a character: it cannot be written into a URL.
const loneSurrogate = /\p{Surrogate}/u;
const maximumScopes = 50;
const maximumHintLength = 2048;
const maximumClaimsLength = 4096;
const claimsMembers = ["id_token", "access_token", "userinfo"];
const maximumParameters = 50;
const maximumParameterLength = 16384;

/**
 * Answers what a visitor asked for, from untrusted input. Members it does not know are left out.
 *
 * @throws {AuthError} `invalid_request` if the input is not of this form; the message names the member.
 */
export function parseFlowRequest(input: unknown): FlowRequest {
  const fields = parseFields(input ?? {});
  return {
    returnUrl: readText(fields, "returnUrl"),
    scopes: readScopes(fields),
    prompt: readPrompt(fields),
    loginHint: readHint(fields, "loginHint", maximumHintLength),
    domainHint: readHint(fields, "domainHint", maximumHintLength),
    claims: readClaims(fields),
  };
}

/**
 * Answers the redirect URI's query, from untrusted input: an object of texts, or of lists of texts where a parameter was
 * repeated.
 *
 * @throws {AuthError} `invalid_request` if the input is not of this form.
 */
export function parseCallbackParameters(input: unknown): CallbackParameters {
  const fields = parseFields(input);
  const entries = Object.entries(fields);
  if (entries.length > maximumParameters)
    throw invalid("The callback carries too many parameters.");
  const parameters = new Map<string, string | readonly string[]>();
  for (const [name, value] of entries) {
    if (!isText(value) && !(Array.isArray(value) && value.every(isText))) {
      throw invalid("The callback's parameters have to be texts.");
    }
    parameters.set(name, value);
  }
  return Object.fromEntries(parameters);
}

function parseFields(input: unknown): Fields {
  if (!isFields(input)) throw invalid("The input has to be an object.");
  return input;
}

/** Answers whether the input is what a JSON object becomes; tRPC hands on forms and streams as well. */
function isFields(input: unknown): input is Fields {
  return Object.prototype.toString.call(input) === "[object Object]";
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length <= maximumParameterLength;
}

function readText(fields: Fields, name: string): string | undefined {
  const value = read(fields, name);
  if (value !== undefined && typeof value !== "string")
    throw invalid(`${name} has to be a text.`);
  return value;
}

function readHint(
  fields: Fields,
  name: string,
  maximumLength: number,
): string | undefined {
  const hint = readText(fields, name);
  if (
    hint !== undefined &&
    (hint.length > maximumLength || loneSurrogate.test(hint))
  )
    throw invalid(`${name} has to be a well-formed text of fair length.`);
  return hint;
}

function readScopes(fields: Fields): readonly string[] {
  const value = read(fields, "scopes") ?? [];
  const isAcceptable =
    Array.isArray(value) &&
    value.length <= maximumScopes &&
    value.every(
      (scope) => typeof scope === "string" && scopePattern.test(scope),
    );
  if (!isAcceptable) throw invalid("scopes has to be a list of scopes.");
  return value;
}

function readPrompt(fields: Fields): Prompt | undefined {
  const value = read(fields, "prompt");
  if (value === undefined) return undefined;
  const prompt = prompts.find((candidate) => candidate === value);
  if (prompt === undefined)
    throw invalid(`prompt has to be one of ${prompts.join(", ")}.`);
  return prompt;
}

function readClaims(fields: Fields): string | undefined {
  const claims = readHint(fields, "claims", maximumClaimsLength);
  if (claims !== undefined && !isClaimsRequest(claims))
    throw invalid("claims has to be a claims request, as JSON text.");
  return claims;
}

/** OpenID Connect Core §5.5: an object, whose members for each token are objects too. MSAL fails on any other. */
function isClaimsRequest(text: string): boolean {
  try {
    const request: unknown = JSON.parse(text);
    return (
      isFields(request) &&
      claimsMembers.every(
        (name) => !Object.hasOwn(request, name) || isFields(request[name]),
      )
    );
  } catch {
    return false;
  }
}

function read(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? (fields[name] ?? undefined) : undefined;
}

function invalid(message: string): AuthError {
  return new AuthError("invalid_request", message);
}
