import type { User } from "../../core/stores/user.js";
import type {
  Admission,
  AdmittedSignIn,
  ProviderSignOutScope,
  StoredSession,
  SessionStore,
} from "../../core/stores/session-store.js";
import {
  endSessions,
  findUser,
  requireUser,
  takeExpired,
  toEndedSession,
} from "./tables.js";
import type { Tables } from "./tables.js";

/** Creates the session store on the shared tables. */
export function createMemorySessionStore(tables: Tables): SessionStore {
  const { sessions, users } = tables;

  return {
    ...createEndings(tables),
    async admit(admission) {
      return structuredClone(admit(tables, admission));
    },
    async find(id) {
      const session = sessions.get(id);
      if (session === undefined) return undefined;
      return structuredClone({
        session,
        user: requireUser(users, session.userId),
      });
    },
    async list(userId, now, limit) {
      const listed = [...sessions.values()]
        .filter((session) => session.userId === userId)
        .filter(({ idleExpiresAt }) => idleExpiresAt > now)
        .toSorted(compareByLastSight)
        .slice(0, limit);
      return structuredClone(listed);
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
  };
}

function admit(tables: Tables, admission: Admission): AdmittedSignIn {
  const { users, sessions } = tables;
  const { candidateId, profile, session, replaces } = admission;
  const known = findUser(users, profile);
  if (known?.disabledAt !== undefined)
    return { user: known, isNewUser: false, replaced: undefined };
  if (sessions.has(session.id))
    throw new Error("There is a session with this ID already.");
  if (known === undefined && users.has(candidateId))
    throw new Error("There is a user with this ID already.");

  const user = createUser(known, admission);
  users.set(user.id, structuredClone(user));
  const [replaced] = endSessions(
    sessions,
    ({ id, secretDigest, idleExpiresAt }) =>
      id === replaces?.sessionId &&
      secretDigest === replaces.secretDigest &&
      idleExpiresAt > session.createdAt,
  );
  sessions.set(session.id, structuredClone({ ...session, userId: user.id }));
  return { user, isNewUser: known === undefined, replaced };
}

function createUser(
  known: User | undefined,
  { candidateId, profile, session: { createdAt } }: Admission,
): User {
  return {
    ...profile,
    id: known?.id ?? candidateId,
    createdAt: known?.createdAt ?? createdAt,
    lastSignInAt: createdAt,
    disabledAt: undefined,
  };
}

function createEndings({
  sessions,
  users,
}: Tables): Pick<
  SessionStore,
  | "endOfUser"
  | "endAllOfUser"
  | "endByProviderSession"
  | "endBySubject"
  | "deleteExpired"
> {
  function isWithin(
    session: StoredSession,
    scope: ProviderSignOutScope,
  ): boolean {
    return isInScope(session, requireUser(users, session.userId), scope);
  }

  return {
    async endOfUser(id, userId) {
      return endSessions(
        sessions,
        (session) => session.id === id && session.userId === userId,
      )[0];
    },
    async endAllOfUser(userId) {
      return endSessions(sessions, (session) => session.userId === userId);
    },
    async endByProviderSession(providerSessionId, scope) {
      return endSessions(
        sessions,
        (session) =>
          session.providerSessionId === providerSessionId &&
          isWithin(session, scope),
      );
    },
    async endBySubject(tenantId, subject, startedUntil) {
      const scope = { tenantId, subject, startedUntil };
      return endSessions(sessions, (session) => isWithin(session, scope));
    },
    async deleteExpired(now, limit) {
      const expired = takeExpired(
        sessions,
        ({ idleExpiresAt }) => idleExpiresAt,
        now,
        limit,
      );
      return expired.map(toEndedSession);
    },
  };
}

function isInScope(
  session: StoredSession,
  user: User,
  { tenantId, subject, startedUntil }: ProviderSignOutScope,
): boolean {
  if (tenantId !== undefined && user.tenantId !== tenantId) return false;
  if (subject !== undefined && user.subject !== subject) return false;
  return startedUntil === undefined || session.createdAt <= startedUntil;
}

function compareByLastSight(one: StoredSession, other: StoredSession): number {
  const difference = other.lastSeenAt.getTime() - one.lastSeenAt.getTime();
  return difference === 0 ? (one.id < other.id ? 1 : -1) : difference;
}
