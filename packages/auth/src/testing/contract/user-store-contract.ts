import assert from "node:assert/strict";

import type { UserId } from "../../core/identifiers.js";
import type { StoreRule } from "../store-rule.js";
import {
  addUser,
  brand,
  callConcurrently,
  later,
  listLivingSessions,
  now,
  otherTenantId,
  sortById,
  startSession,
} from "../store-samples.js";
import { describeUserList } from "./user-list-contract.js";

/** States the promises of `UserStore`. */
export function describeUserStore(rule: StoreRule): void {
  describeFind(rule);
  describeDisabling(rule);
  describeSessionsOfDisabled(rule);
  describeOrganisation(rule);
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

  rule("keeps the moment of a user who is disabled already", async (stores) => {
    const { id, tenantId } = await addUser(stores);
    await stores.userStore.disable(id, tenantId, later(7));

    const ended = await stores.userStore.disable(id, tenantId, later(9));

    const user = await stores.userStore.find(id);
    assert.deepEqual(ended, []);
    assert.deepEqual(user?.disabledAt, later(7));
  });

  rule("disables one user and no other", async (stores) => {
    const { id, tenantId } = await addUser(stores);
    const bob = await addUser(stores, "user-bob");

    await stores.userStore.disable(id, tenantId, later(7));

    assert.deepEqual(await stores.userStore.find(bob.id), bob);
  });

  rule("reports an unknown user", async (stores) => {
    const { tenantId } = await addUser(stores);
    const nobody = brand<UserId>("unknown");

    assert.equal(
      await stores.userStore.disable(nobody, tenantId, later(7)),
      undefined,
    );
    assert.equal(await stores.userStore.enable(nobody, tenantId), false);
  });
}

function describeSessionsOfDisabled(rule: StoreRule): void {
  rule(
    "ends and returns every session of the user whom it disables, and no other user's",
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
    "[U6] leaves a disabled user without a session when 50 starts race with it",
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
    "[U8] does not let an administrator disable a user of another organisation",
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
    "[U8] does not let an administrator enable a user of another organisation",
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
