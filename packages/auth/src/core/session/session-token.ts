import { createDigest, createName, createSecret } from "../digest.js";
import type { SessionId, SessionToken } from "../identifiers.js";
import type { ParsedSessionToken } from "../stores/session-store.js";

const pattern = /^[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}$/;
const idLength = 22;

/** Makes a new session's token, `id.secret` with 256 bits of secret, and what the store may know of it. */
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

/** Returns the parts of a session cookie's value, or `undefined` if no server of ours can have issued it. */
export function parseSessionToken(
  value: string | undefined,
): ParsedSessionToken | undefined {
  if (value === undefined || !pattern.test(value)) return undefined;
  return {
    sessionId: value.slice(0, idLength) as SessionId,
    secretDigest: createDigest(value.slice(idLength + 1)),
  };
}
