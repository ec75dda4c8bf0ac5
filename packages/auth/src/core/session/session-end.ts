import type { AuthEventListener, SessionEndReason } from "../event.js";
import type { PartitionKey } from "../identifiers.js";
import type { EndedSession } from "../stores/session-store.js";
import type { Ports } from "../ports.js";

/**
 * Reports sessions that have just been deleted, and deletes the tokens that no session refers to any more.
 *
 * @throws {AuthError} `store_unavailable`; the sessions have ended nevertheless.
 */
export async function closeSessions(
  ports: Pick<Ports, "tokenCacheStore">,
  report: AuthEventListener,
  ended: readonly EndedSession[],
  reason: SessionEndReason,
): Promise<void> {
  for (const { id, userId } of ended)
    report({ type: "session.ended", sessionId: id, userId, reason });
  await deleteUnusedTokens(
    ports,
    ended.map(({ partitionKey }) => partitionKey),
  );
}

/** Deletes those of the tokens that no session refers to any more. */
export async function deleteUnusedTokens(
  { tokenCacheStore }: Pick<Ports, "tokenCacheStore">,
  partitionKeys: readonly (PartitionKey | undefined)[],
): Promise<void> {
  for (const partitionKey of new Set(partitionKeys)) {
    if (partitionKey !== undefined)
      await tokenCacheStore.deleteUnused(partitionKey);
  }
}
