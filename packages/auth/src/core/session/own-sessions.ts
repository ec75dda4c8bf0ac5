import { AuthError } from "../error.js";
import type { AuthEventListener } from "../event.js";
import type { SessionId } from "../identifiers.js";
import type { Ports } from "../ports.js";
import type {
  StoredSession,
  SessionWithUser,
} from "../stores/session-store.js";
import { closeSessions } from "./session-end.js";

export type OwnSessionPorts = Pick<
  Ports,
  "sessionStore" | "tokenCacheStore" | "now"
>;

const maximumListed = 100;

/** Returns the sessions that the person has in all their browsers, the most recently seen first; at most 100. */
export function listSessions(
  { sessionStore, now }: OwnSessionPorts,
  { user }: SessionWithUser,
): Promise<readonly StoredSession[]> {
  return sessionStore.list(user.id, now(), maximumListed);
}

/**
 * Ends one of the person's sessions.
 *
 * @throws {AuthError} `session_not_found` if they have no such session; whether somebody else has is not told.
 */
export async function revokeSession(
  ports: OwnSessionPorts,
  report: AuthEventListener,
  { user }: SessionWithUser,
  sessionId: string,
): Promise<void> {
  const ended = await ports.sessionStore.endOfUser(
    sessionId as SessionId,
    user.id,
  );
  if (ended === undefined) {
    throw new AuthError(
      "session_not_found",
      "You have no session with this ID. It may have ended meanwhile.",
      { userId: user.id },
    );
  }
  await closeSessions(ports, report, [ended], "revoked");
}

/** Ends all sessions of the person, the one that asks included. */
export async function endAllSessions(
  ports: OwnSessionPorts,
  report: AuthEventListener,
  { user }: SessionWithUser,
): Promise<void> {
  const ended = await ports.sessionStore.endAllOfUser(user.id);
  await closeSessions(ports, report, ended, "signed_out_everywhere");
}
