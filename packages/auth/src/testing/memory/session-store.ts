import type { UserId } from "../../core/identifiers.js";
import type { User } from "../../core/stores/user.js";
import type {
  Admission,
  AdmissionEntry,
  AdmittedSignIn,
  ProviderSignOutScope,
  StoredSession,
  SessionStore,
} from "../../core/stores/session-store.js";
import {
  appendRecord,
  endSessions,
  findPerson,
  requireNewRecord,
  requireUser,
  takeExpired,
  toEndedSession,
} from "./tables.js";
import type { Member, Person, Tables } from "./tables.js";

/** Creates the session store on the shared tables. */
export function createMemorySessionStore(tables: Tables): SessionStore {
  return {
    ...createEndings(tables),
    async admit(admission) {
      return structuredClone(admit(tables, admission));
    },
    async find(id) {
      const session = tables.own.sessions.get(id);
      if (session === undefined) return undefined;
      return structuredClone({
        session,
        user: requireUser(tables, session.userId),
      });
    },
    async list(userId, now, limit) {
      const listed = [...tables.own.sessions.values()]
        .filter((session) => session.userId === userId)
        .filter(({ idleExpiresAt }) => idleExpiresAt > now)
        .toSorted(compareByLastSight)
        .slice(0, limit);
      return structuredClone(listed);
    },
    async renew(id, lastSeenAt, idleExpiresAt) {
      const { sessions } = tables.own;
      const session = sessions.get(id);
      if (session === undefined) return;
      sessions.set(
        id,
        structuredClone({ ...session, lastSeenAt, idleExpiresAt }),
      );
    },
    async end(id) {
      return tables.own.sessions.delete(id);
    },
  };
}

function admit(tables: Tables, admission: Admission): AdmittedSignIn {
  const { people, own, unclaimed } = tables;
  const { candidateId, profile, session, replaces, entries } = admission;
  const person = findPerson(tables, profile);
  const id = person?.id ?? candidateId;
  const known = own.members.get(id) ?? unclaimed.get(id);
  if (known?.disabledAt !== undefined) {
    if (!own.members.has(id)) own.members.set(id, known);
    return {
      user: requireUser(tables, id),
      isNewUser: false,
      replaced: undefined,
    };
  }
  if (own.sessions.has(session.id))
    throw new Error("A session with this ID already exists.");
  if (person === undefined && people.has(candidateId))
    throw new Error("A user with this ID already exists.");
  for (const entry of Object.values(entries ?? {}))
    if (entry !== undefined) requireNewRecord(own, entry.id);

  const isNewUser = !own.members.has(id);
  people.set(id, createPerson(id, admission));
  own.members.set(id, createMember(known, admission));
  const [replaced] = endSessions(
    own.sessions,
    ({ id: sessionId, secretDigest, idleExpiresAt }) =>
      sessionId === replaces?.sessionId &&
      secretDigest === replaces.secretDigest &&
      idleExpiresAt > session.createdAt,
  );
  own.sessions.set(session.id, structuredClone({ ...session, userId: id }));
  addEntry(tables, entries?.completed, id);
  addEntry(tables, entries?.replaced, replaced?.userId);
  return { user: requireUser(tables, id), isNewUser, replaced };
}

function addEntry(
  tables: Tables,
  entry: AdmissionEntry | undefined,
  userId: UserId | undefined,
): void {
  if (entry === undefined || userId === undefined) return;
  const none = { actorId: undefined, code: undefined, aadsts: undefined };
  appendRecord(tables, { ...none, ...entry, userId });
}

function createPerson(id: Person["id"], { profile }: Admission): Person {
  const { tenantId, objectId, name, preferredUsername } = profile;
  return { id, tenantId, objectId, name, preferredUsername };
}

function createMember(
  known: Member | undefined,
  { profile, session: { createdAt } }: Admission,
): Member {
  const { subject, email, roles, groups } = profile;
  return structuredClone({
    subject,
    email,
    roles,
    groups,
    createdAt: known?.createdAt ?? createdAt,
    lastSignInAt: createdAt,
    disabledAt: undefined,
  });
}

function createEndings(
  tables: Tables,
): Pick<
  SessionStore,
  | "endOfUser"
  | "endAllOfUser"
  | "endByProviderSession"
  | "endBySubject"
  | "deleteExpired"
> {
  const end = (isEnded: (session: StoredSession) => boolean) =>
    endSessions(tables.own.sessions, isEnded);
  const isWithin = (session: StoredSession, scope: ProviderSignOutScope) =>
    isInScope(session, requireUser(tables, session.userId), scope);

  return {
    async endOfUser(id, userId) {
      return end(
        (session) => session.id === id && session.userId === userId,
      )[0];
    },
    async endAllOfUser(userId) {
      return end((session) => session.userId === userId);
    },
    async endByProviderSession(providerSessionId, scope) {
      return end(
        (session) =>
          session.providerSessionId === providerSessionId &&
          isWithin(session, scope),
      );
    },
    async endBySubject(tenantId, subject, startedUntil) {
      const scope = { tenantId, subject, startedUntil };
      return end((session) => isWithin(session, scope));
    },
    async deleteExpired(now, limit) {
      const expired = takeExpired(
        tables.own.sessions,
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
