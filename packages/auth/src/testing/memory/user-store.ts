import type { TenantId, UserId } from "../../core/identifiers.js";
import type { UserStore } from "../../core/stores/user-store.js";
import type { User } from "../../core/stores/user.js";
import { endSessions, findUser } from "./tables.js";
import type { Tables } from "./tables.js";

/** Creates the user store on the shared tables. */
export function createMemoryUserStore({ users, sessions }: Tables): UserStore {
  function change(user: User, changes: Partial<User>): void {
    users.set(user.id, structuredClone({ ...user, ...changes }));
  }

  function findOfTenant(id: UserId, tenantId: TenantId): User | undefined {
    const user = users.get(id);
    return user?.tenantId === tenantId ? user : undefined;
  }

  return {
    async find(id) {
      return structuredClone(users.get(id));
    },
    async findByObjectId(tenantId, objectId) {
      return structuredClone(findUser(users, { tenantId, objectId }));
    },
    async disable(id, tenantId, disabledAt) {
      const user = findOfTenant(id, tenantId);
      if (user === undefined) return undefined;
      change(user, { disabledAt: user.disabledAt ?? disabledAt });
      return endSessions(sessions, ({ userId }) => userId === id);
    },
    async enable(id, tenantId) {
      const user = findOfTenant(id, tenantId);
      if (user === undefined) return false;
      change(user, { disabledAt: undefined });
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
