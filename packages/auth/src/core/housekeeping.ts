import type { AuthEventListener } from "./event.js";
import type { Ports } from "./ports.js";

/** How many expired rows were removed. Where a number equals the limit, more may be waiting. */
export interface DeletedRows {
  readonly flows: number;
  readonly sessions: number;
  readonly tokenCaches: number;
  readonly rateCounts: number;
}

/** Removes expired rows, at most `limit` of each kind, so that no single call takes long; tells of each session. */
export async function deleteExpired(
  { flowStore, sessionStore, tokenCacheStore, rateLimitStore, now }: Ports,
  report: AuthEventListener,
  limit: number,
): Promise<DeletedRows> {
  const flows = await flowStore.deleteExpired(now(), limit);
  const ended = await sessionStore.deleteExpired(now(), limit);
  for (const { id, userId } of ended)
    report({ type: "session.ended", sessionId: id, userId, reason: "expired" });
  const tokenCaches = await tokenCacheStore.deleteExpired(now(), limit);
  const rateCounts = await rateLimitStore.deleteExpired(now(), limit);
  return { flows, sessions: ended.length, tokenCaches, rateCounts };
}
