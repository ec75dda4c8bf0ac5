import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { openMigratedPostgresDatabase } from "../../../../test/support/postgres-test-database.js";
import type { PostgresTestDatabase } from "../../../../test/support/postgres-test-database.js";
import {
  addUser,
  brand,
  createAuditRecord,
} from "../../../testing/store-samples.js";
import { createPostgresStores } from "../stores.js";

let opened: PostgresTestDatabase;

beforeAll(async () => {
  opened = await openMigratedPostgresDatabase();
});

afterEach(() => opened.empty());

afterAll(() => opened.close());

async function readTrail(): Promise<readonly unknown[]> {
  const { rows } = await opened.pool.query("SELECT * FROM auth_event");
  return rows;
}

/** Older than the 30 days for which the database refuses to delete an entry. */
const longAgo = new Date("2020-01-01T00:00:00.000Z");

describe("the audit trail in PostgreSQL", () => {
  const changes = [
    ["an update", "UPDATE auth_event SET user_id = 'another-user'"],
    ["an update of no rows", "UPDATE auth_event SET type = '' WHERE false"],
    ["a deletion of recent entries", "DELETE FROM auth_event"],
    [
      "a deletion of a single later entry",
      "DELETE FROM auth_event WHERE id = 'audit-0b'",
    ],
    [
      "a deletion of a single later entry with a search path of the attacker",
      "SET search_path = pg_temp, public; CREATE TABLE auth_event (id text); DELETE FROM public.auth_event WHERE id = 'audit-0b'",
    ],
    ["being emptied", "TRUNCATE auth_event"],
    [
      "TRUNCATE together with another table",
      "TRUNCATE auth_session, auth_event CASCADE",
    ],
    [
      "an upsert",
      "INSERT INTO auth_event (id, client_id, type, occurred_at) VALUES ('audit-1', '', 'user.enabled', now()) ON CONFLICT (id) DO UPDATE SET type = excluded.type",
    ],
    [
      "a merge",
      "MERGE INTO auth_event USING (SELECT 'audit-1' AS id) other ON auth_event.id = other.id WHEN MATCHED THEN DELETE",
    ],
  ] as const;

  it.each(changes)(
    "[A7] is protected by the database from %s",
    async (_, change) => {
      const { auditStore } = createPostgresStores(opened.pool);
      for (const id of ["audit-0a", "audit-0b"])
        await auditStore.append(
          createAuditRecord({ id: brand(id), occurredAt: longAgo }),
        );
      await auditStore.append(createAuditRecord({ occurredAt: new Date() }));
      const before = await readTrail();

      await expect(opened.pool.query(change)).rejects.toMatchObject({
        code: "23000",
      });

      expect(await readTrail()).toEqual(before);
      expect(before).toHaveLength(3);
    },
  );

  it("refuses an entry whose ID is taken", async () => {
    const { auditStore } = createPostgresStores(opened.pool);
    await auditStore.append(createAuditRecord());

    await expect(auditStore.append(createAuditRecord())).rejects.toMatchObject({
      code: "23505",
    });
  });

  it("keeps entries of deleted users", async () => {
    const stores = createPostgresStores(opened.pool);
    const { tenantId } = await addUser(stores, brand("user-ada"));
    await stores.auditStore.append(createAuditRecord());

    await opened.pool.query("DELETE FROM auth_user");

    const entries = await stores.auditStore.list({
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
