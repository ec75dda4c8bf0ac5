import type { AuthEventListener, SessionEndReason } from "./event.js";
import type { EndedSession, Ports } from "./ports.js";

/**
 * Tells of sessions that have just been forgotten, and forgets the tokens that none refers to any more.
 *
 * @throws {AuthError} `store_unavailable`; the sessions have ended all the same.
 */
export async function closeSessions(
  { tokenCacheStore }: Pick<Ports, "tokenCacheStore">,
  report: AuthEventListener,
  ended: readonly EndedSession[],
  reason: SessionEndReason,
): Promise<void> {
  for (const { id, userId } of ended)
    report({ type: "session.ended", sessionId: id, userId, reason });
  const partitionKeys = new Set(ended.map(({ partitionKey }) => partitionKey));
  for (const partitionKey of partitionKeys) {
    if (partitionKey !== undefined)
      await tokenCacheStore.deleteUnused(partitionKey);
  }
}
