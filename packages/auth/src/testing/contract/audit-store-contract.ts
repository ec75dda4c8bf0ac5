import assert from "node:assert/strict";

import type { AuditQuery, AuditRecord } from "../../core/stores/audit-store.js";
import type { Stores } from "../../core/stores/stores.js";
import type { StoreRule } from "../store-rule.js";
import {
  addUser,
  brand,
  callConcurrently,
  createAuditRecord,
  createProfile,
  later,
  otherTenantId,
} from "../store-samples.js";

/** Defines the rules of `AuditStore`. */
export function describeAuditStore(rule: StoreRule): void {
  describeAppend(rule);
  describeNames(rule);
  describeOrder(rule);
  describeOrganisation(rule);
  describeUnattributed(rule);
  describeUser(rule);
  describeDeletion(rule);
}

const query: AuditQuery = {
  tenantId: createProfile().tenantId,
  includesUnattributed: false,
  before: undefined,
  limit: 100,
};

async function append(
  { auditStore }: Stores,
  changes: Partial<AuditRecord> = {},
): Promise<AuditRecord> {
  const record = createAuditRecord(changes);
  await auditStore.append(record);
  return record;
}

async function listIds(
  { auditStore }: Stores,
  changes: Partial<AuditQuery> = {},
): Promise<readonly string[]> {
  const entries = await auditStore.list({ ...query, ...changes });
  return entries.map(({ id }) => id);
}

function describeUser(rule: StoreRule): void {
  rule(
    "returns the entries of a user, the newest first and in pages",
    async (stores) => {
      const { name, id } = await addUser(stores);
      const { id: bobId } = await addUser(stores, "user-bob");
      const own = { userId: id, actorId: undefined };
      for (const number of [1, 2, 3])
        await append(stores, { ...own, id: brand(`audit-${number}`) });
      await append(stores, { ...own, id: brand("audit-4"), userId: bobId });
      await append(stores, { ...own, id: brand("audit-5"), userId: undefined });

      const first = await stores.auditStore.listOfUser({
        userId: id,
        before: undefined,
        limit: 2,
      });
      const next = await stores.auditStore.listOfUser({
        userId: id,
        before: brand("audit-2"),
        limit: 2,
      });

      assert.deepEqual(
        [...first, ...next].map(({ id: entryId, userName }) => [
          entryId,
          userName,
        ]),
        [
          ["audit-3", name],
          ["audit-2", name],
          ["audit-1", name],
        ],
      );
    },
  );
}

function describeAppend(rule: StoreRule): void {
  rule("returns an entry exactly as it was appended", async (stores) => {
    const { name } = await addUser(stores);
    await addUser(stores, "user-bob", { name: "Bob “O'Neil” 🦊" });
    const record = await append(stores, {
      type: "flow.failed",
      occurredAt: later(5),
      flowId: brand("flow-1"),
      sessionId: brand("session-1"),
      code: "authorization_denied",
      aadsts: "AADSTS65004",
      reason: "revoked",
    });

    const entries = await stores.auditStore.list(query);

    assert.deepEqual(entries, [
      { ...record, userName: name, actorName: "Bob “O'Neil” 🦊" },
    ]);
  });

  rule("returns absent fields of an entry as undefined", async (stores) => {
    const record = await append(stores, {
      userId: undefined,
      actorId: undefined,
    });

    const entries = await stores.auditStore.list({
      ...query,
      includesUnattributed: true,
    });

    assert.deepEqual(entries, [
      { ...record, userName: undefined, actorName: undefined },
    ]);
  });

  rule(
    "refuses an entry whose ID is taken, and keeps the first entry",
    async (stores) => {
      await addUser(stores);
      await append(stores);

      await assert.rejects(append(stores, { type: "user.enabled" }));

      const [entry, ...others] = await stores.auditStore.list(query);
      assert.equal(entry?.type, "user.disabled");
      assert.deepEqual(others, []);
    },
  );
}

function describeNames(rule: StoreRule): void {
  rule(
    "returns the current names of the user and the administrator",
    async (stores) => {
      await addUser(stores);
      await append(stores, { actorId: brand("user-ada") });
      await addUser(stores, "user-ada", { name: "Ada King" });

      const [entry] = await stores.auditStore.list(query);

      assert.equal(entry?.userName, "Ada King");
      assert.equal(entry?.actorName, "Ada King");
    },
  );

  rule("lists an entry whose administrator is unknown", async (stores) => {
    await addUser(stores);
    await append(stores, { actorId: brand("unknown") });

    const [entry] = await stores.auditStore.list(query);

    assert.equal(entry?.actorId, "unknown");
    assert.equal(entry?.actorName, undefined);
  });
}

function describeOrder(rule: StoreRule): void {
  rule("lists the newest entry first, by its ID", async (stores) => {
    await addUser(stores);
    await append(stores, { id: brand("02"), occurredAt: later(1) });
    await append(stores, { id: brand("03"), occurredAt: later(0) });
    await append(stores, { id: brand("01"), occurredAt: later(2) });

    assert.deepEqual(await listIds(stores), ["03", "02", "01"]);
  });

  rule("lists every entry once across the pages", async (stores) => {
    await addUser(stores);
    await callConcurrently(5, (index) =>
      append(stores, { id: brand(`0${index}`) }),
    );

    const first = await listIds(stores, { limit: 2 });
    await append(stores, { id: brand("05") });
    const second = await listIds(stores, { limit: 2, before: brand("03") });
    const third = await listIds(stores, { limit: 2, before: brand("01") });
    const last = await listIds(stores, { limit: 2, before: brand("00") });

    assert.deepEqual(
      [first, second, third, last],
      [["04", "03"], ["02", "01"], ["00"], []],
    );
  });
}

function describeOrganisation(rule: StoreRule): void {
  rule("lists no entry of another organisation", async (stores) => {
    await addUser(stores);
    await addUser(stores, "user-eve", { tenantId: otherTenantId });
    await append(stores, { id: brand("01") });
    await append(stores, { id: brand("02"), userId: brand("user-eve") });

    assert.deepEqual(await listIds(stores), ["01"]);
    assert.deepEqual(await listIds(stores, { includesUnattributed: true }), [
      "01",
    ]);
    assert.deepEqual(await listIds(stores, { tenantId: otherTenantId }), [
      "02",
    ]);
  });

  rule(
    "lists an entry under the organisation of its user, not of its administrator",
    async (stores) => {
      await addUser(stores);
      await addUser(stores, "user-eve", { tenantId: otherTenantId });
      await append(stores, { actorId: brand("user-eve") });

      assert.deepEqual(await listIds(stores), ["audit-1"]);
      assert.deepEqual(await listIds(stores, { tenantId: otherTenantId }), []);
    },
  );
}

function describeUnattributed(rule: StoreRule): void {
  rule(
    "lists entries without a user only if requested, and in order",
    async (stores) => {
      await addUser(stores);
      await append(stores, { id: brand("01") });
      await append(stores, { id: brand("02"), userId: undefined });
      await append(stores, { id: brand("03") });
      await append(stores, { id: brand("04"), userId: brand("unknown") });

      assert.deepEqual(await listIds(stores), ["03", "01"]);
      assert.deepEqual(await listIds(stores, { includesUnattributed: true }), [
        "04",
        "03",
        "02",
        "01",
      ]);
    },
  );

  rule("pages through both kinds of entries together", async (stores) => {
    await addUser(stores);
    for (const index of [0, 1, 2, 3, 4])
      await append(stores, {
        id: brand(`0${index}`),
        userId: index % 2 === 0 ? brand("user-ada") : undefined,
      });
    const includesUnattributed = true;

    const first = await listIds(stores, { includesUnattributed, limit: 3 });
    const second = await listIds(stores, {
      includesUnattributed,
      limit: 3,
      before: brand("02"),
    });

    assert.deepEqual(
      [first, second],
      [
        ["04", "03", "02"],
        ["01", "00"],
      ],
    );
  });
}

const longAgo = new Date("2020-01-01T00:00:00.000Z");

function describeDeletion(rule: StoreRule): void {
  rule("deletes the first entries, up to the limit", async (stores) => {
    const { auditStore } = stores;
    await addUser(stores);
    for (const id of ["03", "00", "04", "01", "02"])
      await append(stores, { id: brand(id), occurredAt: longAgo });

    const removed = await auditStore.deleteBefore(brand("03"), 2);
    const afterwards = await listIds(stores);

    assert.equal(removed, 2);
    assert.deepEqual(afterwards, ["04", "03", "02"]);
    assert.equal(await auditStore.deleteBefore(brand("03"), 2), 1);
    assert.equal(await auditStore.deleteBefore(brand("03"), 2), 0);
    assert.deepEqual(await listIds(stores), ["04", "03"]);
  });

  rule("deletes entries without a user", async (stores) => {
    await append(stores, { occurredAt: longAgo, userId: undefined });

    const removed = await stores.auditStore.deleteBefore(brand("b"), 2);

    assert.equal(removed, 1);
    const includesUnattributed = true;
    assert.deepEqual(await listIds(stores, { includesUnattributed }), []);
  });

  rule(
    "[A7] refuses a deletion that includes an entry of the last 30 days, and deletes nothing",
    async (stores) => {
      const { auditStore } = stores;
      await addUser(stores);
      const [older, younger] = [daysAgo(31), daysAgo(29)];
      await append(stores, { id: brand("01"), occurredAt: older });
      await append(stores, { id: brand("02"), occurredAt: younger });

      await assert.rejects(auditStore.deleteBefore(brand("03"), 2));

      assert.deepEqual(await listIds(stores), ["02", "01"]);
      assert.equal(await auditStore.deleteBefore(brand("03"), 1), 1);
    },
  );
}

// By the clock of this machine, because the store uses the database's clock.
function daysAgo(days: number): Date {
  return new Date(Date.now() - days * 86_400_000);
}
