import { isClaimsRequest, maximumClaimsLength } from "./claims-request.js";
import type { ProviderError } from "../error.js";
import { readField } from "../fields.js";
import type { Fields } from "../fields.js";
import { isWellFormed } from "../text.js";

const maximumDescriptionLength = 4096;
const guidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Returns the identity provider's error from the query of a callback or from the body of an HTTP response; `undefined`
 * if there is no error. Every value has a known format, so no free text of a provider or of a forged link is kept.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5.2 | RFC 6749 §5.2}
 */
export function parseProviderError(fields: Fields): ProviderError | undefined {
  const error = readText(fields, "error");
  if (error === undefined) return undefined;
  const description =
    readText(fields, "error_description")?.slice(0, maximumDescriptionLength) ??
    "";
  return {
    error: toCode(error) ?? "unknown_error",
    // The redirect URI receives `error_subcode=cancel`; the token endpoint responds with `suberror`.
    suberror: toCode(
      readText(fields, "suberror") ?? readText(fields, "error_subcode"),
    ),
    aadsts: /^(AADSTS\d{1,9})\b/.exec(description)?.[1] ?? readNumber(fields),
    traceId:
      /\bTrace ID: ([0-9a-f-]{36})\b/i.exec(description)?.[1] ??
      readGuid(fields, "trace_id"),
    correlationId:
      /\bCorrelation ID: ([0-9a-f-]{36})\b/i.exec(description)?.[1] ??
      readGuid(fields, "correlation_id"),
  };
}

/** Returns the claims challenge of an error if it is a valid `claims` parameter of an authorization request. */
export function parseClaimsChallenge(fields: Fields): string | undefined {
  const claims = readText(fields, "claims");
  return claims !== undefined &&
    claims.length <= maximumClaimsLength &&
    isWellFormed(claims) &&
    isClaimsRequest(claims)
    ? claims
    : undefined;
}

function readText(fields: Fields, name: string): string | undefined {
  const value = readField(fields, name);
  return typeof value === "string" ? value : undefined;
}

function readGuid(fields: Fields, name: string): string | undefined {
  return readText(fields, name)?.match(guidPattern)?.[0];
}

/** Returns the first of Entra's `error_codes` as an AADSTS code. */
function readNumber(fields: Fields): string | undefined {
  const numbers = readField(fields, "error_codes");
  const first: unknown = Array.isArray(numbers) ? numbers[0] : undefined;
  return typeof first === "number" && /^\d{1,9}$/.test(String(first))
    ? `AADSTS${first}`
    : undefined;
}

function toCode(text: string | undefined): string | undefined {
  return text?.match(/^[a-z_]{1,64}$/)?.[0];
}
