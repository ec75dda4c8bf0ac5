import { AuthError } from "./error.js";

/** An object of untrusted input. Only its own members are ever read. */
export type Fields = Readonly<Record<string, unknown>>;

// Half of a character: it cannot be written into a URL, and SQLite keeps another text.
const loneSurrogate = /\p{Surrogate}/u;

/** @throws {AuthError} `invalid_request` unless the input is what a JSON object becomes. */
export function parseFields(input: unknown): Fields {
  if (!isFields(input)) throw invalidRequest("The input has to be an object.");
  return input;
}

/** Returns whether the input is what a JSON object becomes; tRPC hands on forms and streams as well. */
export function isFields(input: unknown): input is Fields {
  return Object.prototype.toString.call(input) === "[object Object]";
}

/** Returns the object's own member; `null` is as good as none. */
export function readField(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? (fields[name] ?? undefined) : undefined;
}

/** @throws {AuthError} `invalid_request` if the member is there and no text. */
export function readText(fields: Fields, name: string): string | undefined {
  const value = readField(fields, name);
  if (value !== undefined && typeof value !== "string")
    throw invalidRequest(`${name} has to be a text.`);
  return value;
}

/** Returns whether every character of the text is whole. */
export function isWellFormed(text: string): boolean {
  return !loneSurrogate.test(text);
}

/** @throws {AuthError} `invalid_request` if the member is there and no well-formed text of this length at most. */
export function readShortText(
  fields: Fields,
  name: string,
  maximumLength: number,
): string | undefined {
  const text = readText(fields, name);
  if (
    text !== undefined &&
    (text.length > maximumLength || !isWellFormed(text))
  )
    throw invalidRequest(
      `${name} has to be a well-formed text of fair length.`,
    );
  return text;
}

/** @throws {AuthError} `invalid_request` if the member is there and no whole number within these bounds. */
export function readWholeNumber(
  fields: Fields,
  name: string,
  bounds: { readonly least: number; readonly most: number },
): number | undefined {
  const value = readField(fields, name);
  if (value === undefined) return undefined;
  const isAcceptable =
    typeof value === "number" &&
    Number.isInteger(value) &&
    value >= bounds.least &&
    value <= bounds.most;
  if (!isAcceptable)
    throw invalidRequest(
      `${name} has to be a whole number from ${bounds.least} to ${bounds.most}.`,
    );
  return value;
}

/** Makes the refusal of a request that is not of the expected form. */
export function invalidRequest(message: string): AuthError {
  return new AuthError("invalid_request", message);
}
