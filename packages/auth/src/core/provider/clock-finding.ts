import { errors } from "jose";

interface Times {
  readonly exp?: unknown;
  readonly iat?: unknown;
  readonly nbf?: unknown;
}

/**
 * Returns what the times of an ID token say about our clock, as the end of a sentence; nothing where they say nothing. The
 * identity provider issued the token a moment ago, so if its times agree with one another and not with the server's clock,
 * it is the server's clock that is wrong.
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

/** Claims, or the error of a time of theirs. */
function readTimes(found: unknown): Times {
  if (found instanceof errors.JWTExpired) return found.payload;
  if (found instanceof errors.JWTClaimValidationFailed)
    return found.claim === "nbf" ? found.payload : {};
  return typeof found === "object" &&
    found !== null &&
    !(found instanceof Error)
    ? found
    : {};
}
