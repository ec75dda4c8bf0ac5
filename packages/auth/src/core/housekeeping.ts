import type { AuthEventListener } from "./event.js";
import type { Ports } from "./ports.js";
import { closeSessions } from "./session-end.js";

/** How many expired rows were removed. Where a number equals the limit, more may be waiting. */
export interface DeletedRows {
  readonly flows: number;
  readonly sessions: number;
  /** Those that had expired themselves; what no session refers to any more goes with the last one that did. */
  readonly tokenCaches: number;
  readonly rateCounts: number;
}

/** Removes expired rows, at most `limit` of each kind, so that no single call takes long; tells of each session. */
export async function deleteExpired(
  ports: Ports,
  report: AuthEventListener,
  limit: number,
): Promise<DeletedRows> {
  const { flowStore, sessionStore, tokenCacheStore, rateLimitStore, now } =
    ports;
  const flows = await flowStore.deleteExpired(now(), limit);
  const ended = await sessionStore.deleteExpired(now(), limit);
  await closeSessions(ports, report, ended, "expired");
  const tokenCaches = await tokenCacheStore.deleteExpired(now(), limit);
  const rateCounts = await rateLimitStore.deleteExpired(now(), limit);
  return { flows, sessions: ended.length, tokenCaches, rateCounts };
}
