import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { openMigratedTestDatabase } from "../../../../test/sqlite-test-database.js";
import type { TestDatabase } from "../../../../test/sqlite-test-database.js";
import {
  addUser,
  brand,
  createAuditRecord,
} from "../../../testing/store-samples.js";
import { createSqliteStores } from "../stores.js";

let opened: TestDatabase;

beforeEach(() => {
  opened = openMigratedTestDatabase();
});

afterEach(() => opened.close());

/** Older than the 30 days for which the database refuses to delete an entry. */
const longAgo = new Date("2020-01-01T00:00:00.000Z");

describe("the audit trail in SQLite", () => {
  const changes = [
    ["an update", "UPDATE auth_event SET user_id = 'another-user'"],
    ["a deletion of recent entries", "DELETE FROM auth_event"],
    [
      "a deletion of a single later entry",
      "DELETE FROM auth_event WHERE id = 'audit-0b'",
    ],
    [
      "a replacement by its ID",
      "REPLACE INTO auth_event (id, client_id, type, occurred_at) VALUES ('audit-1', '', 'user.enabled', 0)",
    ],
    [
      "a replacement by its row ID",
      "REPLACE INTO auth_event (rowid, id, client_id, type, occurred_at) SELECT rowid, 'audit-2', '', type, 0 FROM auth_event",
    ],
    [
      "an upsert",
      "INSERT INTO auth_event (id, client_id, type, occurred_at) VALUES ('audit-1', '', 'user.enabled', 0) ON CONFLICT DO UPDATE SET type = excluded.type",
    ],
  ] as const;

  it.each(changes)(
    "[A7] is protected by the database from %s",
    async (_, change) => {
      const { auditStore } = createSqliteStores(opened.database);
      for (const id of ["audit-0a", "audit-0b"])
        await auditStore.append(
          createAuditRecord({ id: brand(id), occurredAt: longAgo }),
        );
      await auditStore.append(createAuditRecord({ occurredAt: new Date() }));
      const before = opened.database.prepare("SELECT * FROM auth_event").all();

      expect(() => opened.database.exec(change)).toThrow(
        expect.objectContaining({ code: "SQLITE_CONSTRAINT_TRIGGER" }),
      );

      expect(opened.database.prepare("SELECT * FROM auth_event").all()).toEqual(
        before,
      );
    },
  );

  it("keeps entries of deleted users", async () => {
    const stores = createSqliteStores(opened.database);
    const { auditStore } = stores;
    const { tenantId } = await addUser(stores);
    await auditStore.append(createAuditRecord());

    opened.database.exec("DELETE FROM auth_user");

    const entries = await auditStore.list({
      tenantId,
      includesUnattributed: false,
      before: undefined,
      limit: 10,
    });
    expect(entries).toEqual([
      { ...createAuditRecord(), userName: undefined, actorName: undefined },
    ]);
  });
});
