import type { UserId } from "../../core/identifiers.js";
import type {
  AuditEntry,
  AuditQuery,
  AuditStore,
} from "../../core/stores/audit-store.js";
import { appendRecord } from "./tables.js";
import type { AuditRow, Tables } from "./tables.js";

const retainedMilliseconds = 30 * 86_400_000;

/** Creates the audit store on the shared tables. */
export function createMemoryAuditStore(tables: Tables): AuditStore {
  function findPerson(id: UserId | undefined) {
    return id === undefined ? undefined : tables.people.get(id);
  }

  function toEntry({ record }: AuditRow): AuditEntry {
    return structuredClone({
      ...record,
      userName: findPerson(record.userId)?.name,
      actorName: findPerson(record.actorId)?.name,
    });
  }

  function listNewest(
    isListed: (row: AuditRow) => boolean,
    limit: number,
  ): readonly AuditEntry[] {
    return [...tables.own.auditRows.values()]
      .filter(isListed)
      .toSorted((one, other) => (one.record.id < other.record.id ? 1 : -1))
      .slice(0, limit)
      .map(toEntry);
  }

  return {
    async append(record) {
      appendRecord(tables, record);
    },
    async list(query) {
      return listNewest((row) => isAskedFor(row, query), query.limit);
    },
    async listOfUser({ userId, before, limit }) {
      return listNewest(
        ({ record }) =>
          record.userId === userId &&
          (before === undefined || record.id < before),
        limit,
      );
    },
    async deleteBefore(before, limit) {
      const { auditRows } = tables.own;
      const first = [...auditRows.values()]
        .map(({ record }) => record)
        .toSorted((one, other) => (one.id < other.id ? -1 : 1))
        .filter(({ id }) => id < before)
        .slice(0, limit);
      const youngest = Date.now() - retainedMilliseconds;
      if (first.some(({ occurredAt }) => occurredAt.getTime() > youngest))
        throw new Error("An entry of the last 30 days cannot be deleted.");
      for (const { id } of first) auditRows.delete(id);
      return first.length;
    },
  };
}

function isAskedFor(
  { record, tenantId }: AuditRow,
  query: AuditQuery,
): boolean {
  if (query.before !== undefined && record.id >= query.before) return false;
  return tenantId === undefined
    ? query.includesUnattributed
    : tenantId === query.tenantId;
}
