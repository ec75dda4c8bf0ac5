import type { TenantId, UserId } from "../core/identifiers.js";
import type { UserStore } from "../core/ports.js";
import type { User, UserIdentity, UserProfile } from "../core/user.js";
import { endSessions, requireUser } from "./memory-tables.js";
import type { Tables } from "./memory-tables.js";

/** Creates the user store on the shared tables. */
export function createMemoryUserStore({ users, sessions }: Tables): UserStore {
  function change(id: UserId, changes: Partial<User>): User | undefined {
    const user = users.get(id);
    if (user === undefined) return undefined;
    const changed = structuredClone({ ...user, ...changes });
    users.set(id, changed);
    return structuredClone(changed);
  }

  function upsert(
    candidateId: UserId,
    created: UserProfile,
    refreshed: UserIdentity,
    now: Date,
  ): User {
    const known = [...users.values()].find((user) =>
      isSamePerson(user, created),
    );
    if (known !== undefined)
      users.set(known.id, refresh(known, refreshed, now));
    else if (users.has(candidateId))
      throw new Error("There is a user with this ID already.");
    else users.set(candidateId, createUser(candidateId, created, now));
    return structuredClone(requireUser(users, known?.id ?? candidateId));
  }

  function findOfTenant(id: UserId, tenantId: TenantId): User | undefined {
    const user = users.get(id);
    return user?.tenantId === tenantId ? user : undefined;
  }

  return {
    async upsert(candidateId, profile, now) {
      return upsert(candidateId, profile, profile, now);
    },
    async upsertIdentity(candidateId, identity, now) {
      const profile = { ...identity, roles: [], groups: [] };
      return upsert(candidateId, profile, identity, now);
    },
    async find(id) {
      return structuredClone(users.get(id));
    },
    async setAccess(id, { roles, groups }) {
      return change(id, { roles, groups });
    },
    async disable(id, tenantId, disabledAt) {
      const user = findOfTenant(id, tenantId);
      if (user === undefined) return undefined;
      change(id, { disabledAt: user.disabledAt ?? disabledAt });
      return endSessions(sessions, ({ userId }) => userId === id);
    },
    async enable(id, tenantId) {
      if (findOfTenant(id, tenantId) === undefined) return false;
      change(id, { disabledAt: undefined });
      return true;
    },
    async list({ tenantId, search = "", after, limit }) {
      const listed = [...users.values()]
        .filter((user) => user.tenantId === tenantId)
        .toSorted(compareByName);
      const last = listed.findIndex(({ id }) => id === after);
      if (after !== undefined && last === -1) return [];
      const page = listed
        .slice(last + 1)
        .filter((user) => isFoundBy(user, lower(search)))
        .slice(0, limit);
      return structuredClone(page);
    },
  };
}

function isSamePerson(
  user: User,
  { tenantId, objectId }: UserProfile,
): boolean {
  return user.tenantId === tenantId && user.objectId === objectId;
}

function createUser(id: UserId, profile: UserProfile, now: Date): User {
  return structuredClone({
    ...profile,
    id,
    createdAt: now,
    lastSignInAt: now,
    disabledAt: undefined,
  });
}

function refresh(user: User, identity: UserIdentity, now: Date): User {
  return structuredClone({ ...user, ...identity, lastSignInAt: now });
}

function compareByName(one: User, other: User): number {
  const byName = compareBytes(lower(one.name), lower(other.name));
  return byName === 0 ? compareBytes(one.id, other.id) : byName;
}

// As a database compares texts; `<` would put the characters beyond U+FFFF before some of the others.
function compareBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

function isFoundBy(
  { name, preferredUsername = "" }: User,
  search: string,
): boolean {
  return [name, preferredUsername].some((text) => lower(text).includes(search));
}

// Case of ASCII letters alone: that is what every database agrees on.
function lower(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
