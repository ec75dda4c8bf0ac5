import assert from "node:assert/strict";

import type { StoreRule } from "../store-rule.js";
import { addUser, brand, otherTenantId } from "../store-samples.js";
import { describeUserManagement } from "./user-management-contract.js";

/** States the promises of `UserStore`. */
export function describeUserStore(rule: StoreRule): void {
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
    "finds nobody by another tenant ID or another object ID",
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

  describeUserManagement(rule);
}
