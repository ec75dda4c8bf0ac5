import type { UserId } from "../core/identifiers.js";
import type { UserStore } from "../core/ports.js";
import type { User, UserIdentity, UserProfile } from "../core/user.js";
import { requireUser } from "./memory-tables.js";
import type { Tables } from "./memory-tables.js";

/** Creates the user store on the shared tables. */
export function createMemoryUserStore({ users }: Tables): UserStore {
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
    async setDisabled(id, disabledAt) {
      change(id, { disabledAt });
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
