import type { AuthEventListener, SessionEndReason } from "../event.js";
import type { PartitionKey } from "../identifiers.js";
import type { EndedSession } from "../stores/session-store.js";
import type { Ports } from "../ports.js";

/**
 * Tells of sessions that have just been forgotten, and forgets the tokens that none refers to any more.
 *
 * @throws {AuthError} `store_unavailable`; the sessions have ended all the same.
 */
export async function closeSessions(
  ports: Pick<Ports, "tokenCacheStore">,
  report: AuthEventListener,
  ended: readonly EndedSession[],
  reason: SessionEndReason,
): Promise<void> {
  for (const { id, userId } of ended)
    report({ type: "session.ended", sessionId: id, userId, reason });
  await forgetUnusedTokens(
    ports,
    ended.map(({ partitionKey }) => partitionKey),
  );
}

/** Forgets those of the tokens that no session refers to any more. */
export async function forgetUnusedTokens(
  { tokenCacheStore }: Pick<Ports, "tokenCacheStore">,
  partitionKeys: readonly (PartitionKey | undefined)[],
): Promise<void> {
  for (const partitionKey of new Set(partitionKeys)) {
    if (partitionKey !== undefined)
      await tokenCacheStore.deleteUnused(partitionKey);
  }
}
