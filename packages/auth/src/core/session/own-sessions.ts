import type { Core } from "../core.js";
import { AuthError } from "../error.js";
import type { SessionId } from "../identifiers.js";
import { formatOwnSession } from "./active-session.js";
import type { ActiveSession, OwnSession } from "./active-session.js";
import { closeSessions } from "./session-end.js";

/** Lists and ends a user's own sessions. */
export interface OwnSessions {
  /**
   * Returns the user's sessions in all browsers, the most recently used first; at most 100.
   *
   * @throws {AuthError} `not_signed_in` if the session has ended; `store_unavailable`
   */
  listSessions(active: ActiveSession): Promise<readonly OwnSession[]>;

  /**
   * Ends one of the user's sessions.
   *
   * @throws {AuthError} `session_not_found` if the user has no such session, whether or not another user has it;
   *   `not_signed_in` if the session has ended; `store_unavailable`
   */
  revokeSession(active: ActiveSession, sessionId: string): Promise<void>;
}

const maximumListed = 100;

export function createOwnSessions(core: Core): OwnSessions {
  const { sessionStore, activeSessions, report, now } = core;
  return {
    listSessions: async (active) => {
      const current = await activeSessions.require(active);
      const sessions = await sessionStore.list(
        current.user.id,
        now(),
        maximumListed,
      );
      return sessions.map((session) =>
        formatOwnSession(session, current.session),
      );
    },
    revokeSession: async (active, sessionId) => {
      const { user } = await activeSessions.require(active);
      const ended = await sessionStore.endOfUser(
        sessionId as SessionId,
        user.id,
      );
      if (ended === undefined) {
        throw new AuthError(
          "session_not_found",
          "You have no session with this ID. It may have already ended.",
          { userId: user.id },
        );
      }
      await closeSessions(core, report, [ended], "revoked");
    },
  };
}
