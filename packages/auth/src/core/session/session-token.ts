import { createDigest, createName, createSecret } from "../digest.js";
import type { SessionId, SessionToken } from "../identifiers.js";
import type { ParsedSessionToken } from "../stores/session-store.js";

const pattern = /^[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}$/;
const idLength = 22;

/** Creates the token of a new session: its ID and 256 random bits. Also returns the ID and digest for the store. */
export function createSessionToken(): ParsedSessionToken & {
  readonly sessionToken: SessionToken;
} {
  const sessionId = createName() as SessionId;
  const secret = createSecret();
  return {
    sessionId,
    secretDigest: createDigest(secret),
    sessionToken: `${sessionId}.${secret}` as SessionToken,
  };
}

/** Returns the session ID and the secret's digest from a session cookie; `undefined` if it is malformed. */
export function parseSessionToken(
  value: string | undefined,
): ParsedSessionToken | undefined {
  if (value === undefined || !pattern.test(value)) return undefined;
  return {
    sessionId: value.slice(0, idLength) as SessionId,
    secretDigest: createDigest(value.slice(idLength + 1)),
  };
}
