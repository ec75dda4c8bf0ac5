import assert from "node:assert/strict";

import type { UserId } from "../../core/identifiers.js";
import type { StoreRule } from "../store-rule.js";
import {
  addUser,
  brand,
  callConcurrently,
  createAdmission,
  createAdmittedSession,
  createAuditRecord,
  later,
  listLivingSessions,
  now,
  otherTenantId,
  sortById,
  startSession,
  toEnded,
} from "../store-samples.js";
import { describeUserList } from "./user-list-contract.js";

/** Defines the rules of `UserStore`. */
export function describeUserStore(rule: StoreRule): void {
  describeFind(rule);
  describeDisabling(rule);
  describeSessionsOfDisabled(rule);
  describeOrganisation(rule);
  describeDeletion(rule);
  describeUserList(rule);
}

function describeFind(rule: StoreRule): void {
  rule("returns undefined for an ID that no user has", async (stores) => {
    await addUser(stores);

    assert.equal(await stores.userStore.find(brand("unknown")), undefined);
  });

  rule("finds a user by tenant ID and object ID", async (stores) => {
    const { tenantId, objectId, id } = await addUser(stores);
    await addUser(stores, "user-bob");

    const found = await stores.userStore.findByObjectId(tenantId, objectId);

    assert.deepEqual(found, await stores.userStore.find(id));
  });

  rule(
    "finds no user by another tenant ID or another object ID",
    async (stores) => {
      const { tenantId, objectId } = await addUser(stores);

      assert.deepEqual(
        [
          await stores.userStore.findByObjectId(otherTenantId, objectId),
          await stores.userStore.findByObjectId(tenantId, brand("unknown")),
        ],
        [undefined, undefined],
      );
    },
  );

  rule("finds a disabled user by object ID", async (stores) => {
    const { id, tenantId, objectId } = await addUser(stores);
    await stores.userStore.disable(id, tenantId, new Date(0));

    const found = await stores.userStore.findByObjectId(tenantId, objectId);

    assert.deepEqual(found?.disabledAt, new Date(0));
  });
}

function describeDisabling(rule: StoreRule): void {
  rule("disables a user and enables them again", async (stores) => {
    const user = await addUser(stores);

    await stores.userStore.disable(user.id, user.tenantId, later(7));
    const disabled = await stores.userStore.find(user.id);
    const wasThere = await stores.userStore.enable(user.id, user.tenantId);
    const enabled = await stores.userStore.find(user.id);

    assert.deepEqual(disabled, { ...user, disabledAt: later(7) });
    assert.equal(wasThere, true);
    assert.deepEqual(enabled, user);
  });

  rule(
    "does not change disabledAt of a user who is already disabled",
    async (stores) => {
      const { id, tenantId } = await addUser(stores);
      await stores.userStore.disable(id, tenantId, later(7));

      const ended = await stores.userStore.disable(id, tenantId, later(9));

      const user = await stores.userStore.find(id);
      assert.deepEqual(ended, []);
      assert.deepEqual(user?.disabledAt, later(7));
    },
  );

  rule("disables only the given user", async (stores) => {
    const { id, tenantId } = await addUser(stores);
    const bob = await addUser(stores, "user-bob");

    await stores.userStore.disable(id, tenantId, later(7));

    assert.deepEqual(await stores.userStore.find(bob.id), bob);
  });

  rule("reports an unknown user", async (stores) => {
    const { tenantId } = await addUser(stores);
    const unknown = brand<UserId>("unknown");

    assert.equal(
      await stores.userStore.disable(unknown, tenantId, later(7)),
      undefined,
    );
    assert.equal(await stores.userStore.enable(unknown, tenantId), false);
  });
}

function describeSessionsOfDisabled(rule: StoreRule): void {
  rule(
    "ends and returns all sessions of a disabled user and no other sessions",
    async (stores) => {
      const { id, tenantId } = await addUser(stores);
      await addUser(stores, "user-bob");
      await startSession(stores);
      await startSession(stores, {
        id: brand("session-2"),
        partitionKey: undefined,
      });
      await startSession(stores, {
        id: brand("session-3"),
        userId: brand("user-bob"),
      });

      const ended = await stores.userStore.disable(id, tenantId, later(7));

      assert.deepEqual(sortById(ended ?? []), [
        { id: "session-1", userId: id, partitionKey: "ada.contoso" },
        { id: "session-2", userId: id, partitionKey: undefined },
      ]);
      assert.deepEqual(await listLivingSessions(stores, 3), [3]);
    },
  );

  rule(
    "does not restore sessions when it enables the user again",
    async (stores) => {
      const { id, tenantId } = await addUser(stores);
      await startSession(stores);
      await stores.userStore.disable(id, tenantId, later(7));

      await stores.userStore.enable(id, tenantId);

      assert.deepEqual(await listLivingSessions(stores, 1), []);
    },
  );

  rule(
    "[U6] leaves a disabled user without a session when 50 sessions start concurrently",
    async (stores) => {
      const { id, tenantId } = await addUser(stores);

      await callConcurrently(50, async (index) => {
        if (index === 25) await stores.userStore.disable(id, tenantId, now);
        else await startSession(stores, { id: brand(`session-${index + 1}`) });
      });

      assert.deepEqual(await listLivingSessions(stores, 50), []);
    },
  );
}

function describeOrganisation(rule: StoreRule): void {
  rule(
    "[U8] does not disable a user for another organisation's administrator",
    async (stores) => {
      const user = await addUser(stores);
      await startSession(stores);

      const ended = await stores.userStore.disable(
        user.id,
        otherTenantId,
        later(7),
      );

      assert.equal(ended, undefined);
      assert.deepEqual(await stores.userStore.find(user.id), user);
      assert.deepEqual(await listLivingSessions(stores, 1), [1]);
    },
  );

  rule(
    "[U8] does not enable a user for another organisation's administrator",
    async (stores) => {
      const { id, tenantId } = await addUser(stores);
      await stores.userStore.disable(id, tenantId, later(7));

      const wasThere = await stores.userStore.enable(id, otherTenantId);

      const user = await stores.userStore.find(id);
      assert.equal(wasThere, false);
      assert.deepEqual(user?.disabledAt, later(7));
    },
  );
}

function describeDeletion(rule: StoreRule): void {
  rule(
    "deletes a user with their sessions, and returns the sessions",
    async (stores) => {
      const user = await addUser(stores);
      const bob = await addUser(stores, "user-bob");
      const session = await startSession(stores);
      await startSession(stores, { id: brand("session-2"), userId: bob.id });

      const ended = await stores.userStore.delete(user.id, undefined);

      const found = await stores.userStore.findByObjectId(
        user.tenantId,
        user.objectId,
      );
      assert.deepEqual(ended, [toEnded(session)]);
      assert.equal(found, undefined);
      assert.deepEqual(await listLivingSessions(stores, 2), [2]);
      assert.deepEqual(await stores.userStore.find(bob.id), bob);
    },
  );

  rule(
    "returns undefined and adds no entry if there is no user to delete",
    async (stores) => {
      const { tenantId, id } = await addUser(stores);

      const ended = await stores.userStore.delete(
        brand("unknown"),
        createAuditRecord({ userId: id }),
      );

      const entries = await stores.auditStore.list({
        tenantId,
        includesUnattributed: true,
        before: undefined,
        limit: 10,
      });
      assert.equal(ended, undefined);
      assert.deepEqual(entries, []);
    },
  );

  rule(
    "adds the entry of a deletion under the user's organisation, and keeps it without the name",
    async (stores) => {
      const { id, tenantId } = await addUser(stores);
      const entry = createAuditRecord({
        type: "user.deleted",
        userId: id,
        actorId: undefined,
      });

      await stores.userStore.delete(id, entry);

      const entries = await stores.auditStore.list({
        tenantId,
        includesUnattributed: false,
        before: undefined,
        limit: 10,
      });
      assert.deepEqual(entries, [
        { ...entry, userName: undefined, actorName: undefined },
      ]);
    },
  );

  rule(
    "creates a new user when a deleted user signs in again, even if they were disabled",
    async (stores) => {
      const { id, tenantId } = await addUser(stores);
      await stores.userStore.disable(id, tenantId, later(7));
      await stores.userStore.delete(id, undefined);

      const { user, isNewUser } = await stores.sessionStore.admit({
        ...createAdmission(),
        candidateId: brand("user-new"),
        session: createAdmittedSession({ createdAt: later(9) }),
      });

      assert.equal(isNewUser, true);
      assert.equal(user.id, "user-new");
      assert.equal(user.disabledAt, undefined);
      assert.deepEqual(user.createdAt, later(9));
    },
  );

  rule(
    "returns the sessions to exactly one of ten concurrent deletions, beside sign-ins",
    async (stores) => {
      const { id } = await addUser(stores);
      await startSession(stores);

      const results = await callConcurrently(20, async (index) => {
        if (index % 2 === 0) return stores.userStore.delete(id, undefined);
        await stores.sessionStore.admit({
          ...createAdmission(),
          candidateId: brand(`candidate-${index}`),
          profile: { ...createAdmission().profile, objectId: brand("bob") },
          session: createAdmittedSession({ id: brand(`session-of-${index}`) }),
        });
        return undefined;
      });

      const ended = results.filter((result) => result !== undefined);
      assert.deepEqual(
        ended.map((sessions) => sessions.length),
        [1],
      );
    },
  );

  rule(
    "leaves a whole user or none when a deletion and sign-ins of the user are concurrent",
    async (stores) => {
      const { id, tenantId, objectId } = await addUser(stores);

      await callConcurrently(20, async (index) => {
        if (index === 10) return stores.userStore.delete(id, undefined);
        return stores.sessionStore.admit({
          ...createAdmission(),
          candidateId: brand(`candidate-${index}`),
          session: createAdmittedSession({ id: brand(`session-${index + 1}`) }),
        });
      });

      const user = await stores.userStore.findByObjectId(tenantId, objectId);
      const living = await listLivingSessions(stores, 20);
      for (const number of living) {
        const found = await stores.sessionStore.find(
          brand(`session-${number}`),
        );
        assert.equal(found?.user.id, user?.id);
      }
    },
  );
}
