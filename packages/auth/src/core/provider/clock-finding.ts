import { errors } from "jose";
import { isFields } from "../fields.js";

interface Times {
  readonly exp?: unknown;
  readonly iat?: unknown;
  readonly nbf?: unknown;
}

/**
 * Describes by how much the server's clock is wrong, as the end of a sentence. Returns an empty string if the clock is
 * right or the times do not show it. The identity provider has just issued the ID token, so if its times are consistent
 * but do not fit the server's clock, that clock is wrong.
 *
 * @param found The claims of the ID token, or the error of their validation.
 */
export function describeWrongClock(found: unknown, now: Date): string {
  const { exp, iat, nbf = iat } = readTimes(found);
  if (
    typeof exp !== "number" ||
    typeof iat !== "number" ||
    typeof nbf !== "number"
  )
    return "";
  const seconds = Math.floor(now.getTime() / 1000);
  const issuedAt = Math.min(iat, nbf);
  if (issuedAt > seconds && exp > seconds)
    return `: the server's clock is behind by about ${issuedAt - seconds} s`;
  if (exp > Math.max(iat, nbf) && exp < seconds)
    return `: the server's clock is ahead by about ${seconds - iat} s`;
  return "";
}

function readTimes(found: unknown): Times {
  if (found instanceof errors.JWTExpired) return found.payload;
  if (found instanceof errors.JWTClaimValidationFailed)
    return found.claim === "nbf" ? found.payload : {};
  return isFields(found) ? found : {};
}
