import type { SessionStore } from "../core/ports.js";
import { deleteExpired, requireUser } from "./memory-tables.js";
import type { Tables } from "./memory-tables.js";

/** Creates the session store on the shared tables. */
export function createMemorySessionStore({
  sessions,
  users,
}: Tables): SessionStore {
  return {
    async start(session, replaces) {
      requireUser(users, session.userId);
      if (sessions.has(session.id))
        throw new Error("There is a session with this ID already.");
      if (replaces !== undefined) sessions.delete(replaces);
      sessions.set(session.id, structuredClone(session));
    },
    async find(id) {
      const session = sessions.get(id);
      if (session === undefined) return undefined;
      return structuredClone({
        session,
        user: requireUser(users, session.userId),
      });
    },
    async renew(id, lastSeenAt, idleExpiresAt) {
      const session = sessions.get(id);
      if (session === undefined) return;
      sessions.set(
        id,
        structuredClone({ ...session, lastSeenAt, idleExpiresAt }),
      );
    },
    async end(id) {
      return sessions.delete(id);
    },
    async endByProviderSession(providerSessionId) {
      const ended = [...sessions.values()].filter(
        (session) => session.providerSessionId === providerSessionId,
      );
      for (const { id } of ended) sessions.delete(id);
      return ended.map(({ id, userId, partitionKey }) => ({
        id,
        userId,
        partitionKey,
      }));
    },
    async deleteExpired(now, limit) {
      return deleteExpired(
        sessions,
        ({ idleExpiresAt }) => idleExpiresAt,
        now,
        limit,
      );
    },
  };
}
