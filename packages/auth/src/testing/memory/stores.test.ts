import { describe, expect, it } from "vitest";

import { createMemoryStores } from "./stores.js";
import { describeStores } from "../contract/store-contract.js";
import { addUser, now } from "../store-samples.js";

describeStores({ describe, it }, "createMemoryStores", async () => ({
  stores: createMemoryStores(),
  close: async () => {},
}));

describe("createMemoryStores", () => {
  it("answers copies, so that nobody changes what is kept", async () => {
    const stores = createMemoryStores();
    const { userStore } = stores;
    const { id } = await addUser(stores);
    const found = await userStore.find(id);

    found?.createdAt.setTime(0);

    await expect(userStore.find(id)).resolves.toMatchObject({
      createdAt: now,
    });
  });

  it("shares nothing between two calls", async () => {
    const first = createMemoryStores();
    const second = createMemoryStores();

    const user = await addUser(first);

    await expect(second.userStore.find(user.id)).resolves.toBeUndefined();
  });
});
