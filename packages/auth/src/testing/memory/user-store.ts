import type { TenantId, UserId } from "../../core/identifiers.js";
import type { UserStore } from "../../core/stores/user-store.js";
import type { User } from "../../core/stores/user.js";
import {
  appendRecord,
  endSessions,
  findPerson,
  findUser,
  listUsers,
} from "./tables.js";
import type { Member, Tables } from "./tables.js";

/** Creates the user store on the shared tables. */
export function createMemoryUserStore(tables: Tables): UserStore {
  function change(id: UserId, member: Member, changes: Partial<Member>): void {
    tables.own.members.set(id, structuredClone({ ...member, ...changes }));
  }

  function findOfTenant(id: UserId, tenantId: TenantId): Member | undefined {
    return tables.people.get(id)?.tenantId === tenantId
      ? tables.own.members.get(id)
      : undefined;
  }

  return {
    async find(id) {
      return structuredClone(findUser(tables, id));
    },
    async findByObjectId(tenantId, objectId) {
      const person = findPerson(tables, { tenantId, objectId });
      return person === undefined
        ? undefined
        : structuredClone(findUser(tables, person.id));
    },
    async disable(id, tenantId, disabledAt) {
      const member = findOfTenant(id, tenantId);
      if (member === undefined) return undefined;
      change(id, member, { disabledAt: member.disabledAt ?? disabledAt });
      return endSessions(tables.own.sessions, ({ userId }) => userId === id);
    },
    async enable(id, tenantId) {
      const member = findOfTenant(id, tenantId);
      if (member === undefined) return false;
      change(id, member, { disabledAt: undefined });
      return true;
    },
    async delete(id, entry) {
      const { own, people, clients } = tables;
      if (findUser(tables, id) === undefined) return undefined;
      if (entry !== undefined) appendRecord(tables, entry);
      own.members.delete(id);
      const isKnown = [...clients].some(
        ([clientId, { members }]) => clientId !== "" && members.has(id),
      );
      if (!isKnown) {
        clients.get("")?.members.delete(id);
        people.delete(id);
      }
      return endSessions(own.sessions, ({ userId }) => userId === id);
    },
    async list({ tenantId, search = "", after, limit }) {
      const listed = listUsers(tables)
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

// Compares like a database. `<` compares UTF-16 code units, which sorts characters beyond U+FFFF differently.
function compareBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

function isFoundBy(
  { name, preferredUsername = "" }: User,
  search: string,
): boolean {
  return [name, preferredUsername].some((text) => lower(text).includes(search));
}

// Only ASCII letters, because databases differ for all other letters.
function lower(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
