import { AuthError } from "./error.js";
import { isWellFormed } from "./text.js";

/** An object of untrusted input. Only its own properties are read. */
export type Fields = Readonly<Record<string, unknown>>;

/** @throws {AuthError} `invalid_request` unless the input is an object. */
export function parseFields(input: unknown): Fields {
  if (!isFields(input)) throw invalidRequest("The input must be an object.");
  return input;
}

/**
 * Returns whether the input is a plain object: not an array, and not a `FormData` or stream, which tRPC also accepts.
 */
export function isFields(input: unknown): input is Fields {
  return Object.prototype.toString.call(input) === "[object Object]";
}

/** Returns the object's own property; `null` counts as absent. */
export function readField(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? (fields[name] ?? undefined) : undefined;
}

/** @throws {AuthError} `invalid_request` if the property is present and not a string. */
export function readText(fields: Fields, name: string): string | undefined {
  const value = readField(fields, name);
  if (value !== undefined && typeof value !== "string")
    throw invalidRequest(`${name} must be a string.`);
  return value;
}

/**
 * @throws {AuthError} `invalid_request` if the property is present and not a well-formed string of at most this length.
 */
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
      `${name} must be a well-formed string of at most ${maximumLength} characters.`,
    );
  return text;
}

/** @throws {AuthError} `invalid_request` if the property is present and not a whole number within these bounds. */
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
      `${name} must be a whole number from ${bounds.least} to ${bounds.most}.`,
    );
  return value;
}

export function invalidRequest(message: string): AuthError {
  return new AuthError("invalid_request", message);
}

export function withoutAbsent<Given extends object>(
  given: Given,
): { [Name in keyof Given]?: NonNullable<Given[Name]> } {
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as never;
}
