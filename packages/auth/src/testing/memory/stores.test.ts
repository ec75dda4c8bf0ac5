import { describe, expect, it } from "vitest";

import { createMemoryStores, createMemoryStoresOn } from "./stores.js";
import { createSharedTables } from "./tables.js";
import { describeStores } from "../contract/store-contract.js";
import { addUser, now } from "../store-samples.js";

describeStores({ describe, it }, "createMemoryStores", async () => {
  const shared = createSharedTables();
  return {
    stores: createMemoryStoresOn(shared),
    createStoresOf: (clientId) => createMemoryStoresOn(shared, clientId),
    close: async () => {},
  };
});

describe("createMemoryStores", () => {
  it("returns copies, so that changes to them do not change the stored records", async () => {
    const stores = createMemoryStores();
    const { userStore } = stores;
    const { id } = await addUser(stores);
    const found = await userStore.find(id);

    found?.createdAt.setTime(0);

    await expect(userStore.find(id)).resolves.toMatchObject({
      createdAt: now,
    });
  });

  it("returns independent stores from each call", async () => {
    const first = createMemoryStores();
    const second = createMemoryStores();

    const user = await addUser(first);

    await expect(second.userStore.find(user.id)).resolves.toBeUndefined();
  });
});
