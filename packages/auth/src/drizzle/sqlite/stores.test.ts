import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Stores } from "../../core/stores/stores.js";
import { describeStores } from "../../testing/contract/store-contract.js";
import {
  addUser,
  brand,
  createAdmission,
  createAdmittedSession,
  createProfile,
  listLivingSessions,
  now,
  startSession,
} from "../../testing/store-samples.js";
import { createSqliteStores } from "./stores.js";
import { openMigratedTestDatabase } from "../../../test/sqlite-test-database.js";
import type { TestDatabase } from "../../../test/sqlite-test-database.js";

describeStores({ describe, it }, "createSqliteStores", async () => {
  const { database, close } = openMigratedTestDatabase();
  return {
    stores: createSqliteStores(database),
    createStoresOf: (clientId) => createSqliteStores(database, { clientId }),
    close: async () => close(),
  };
});

describe("createSqliteStores on a database that refuses to end sessions", () => {
  let opened: TestDatabase;
  let stores: Stores;

  beforeEach(() => {
    opened = openMigratedTestDatabase();
    stores = createSqliteStores(opened.database);
  });

  afterEach(() => opened.close());

  function refuseToEndSessions(): void {
    opened.database.exec(
      "CREATE TRIGGER refusal BEFORE DELETE ON auth_session BEGIN SELECT RAISE(ABORT, 'no'); END",
    );
  }

  it("does not disable a user if their sessions cannot be ended", async () => {
    const user = await addUser(stores);
    await startSession(stores);
    refuseToEndSessions();

    const disabling = stores.userStore.disable(user.id, user.tenantId, now);

    await expect(disabling).rejects.toThrow();
    expect(await stores.userStore.find(user.id)).toEqual(user);
  });

  it("[U10] does not start the new session or change the user if the old session cannot be ended", async () => {
    const user = await addUser(stores);
    const old = await startSession(stores);
    refuseToEndSessions();

    const replacing = stores.sessionStore.admit({
      ...createAdmission(),
      profile: createProfile({ name: "Ada King" }),
      session: createAdmittedSession({ id: brand("session-2") }),
      replaces: { sessionId: old.id, secretDigest: old.secretDigest },
    });

    await expect(replacing).rejects.toThrow();
    expect(await listLivingSessions(stores, 2)).toEqual([1]);
    expect(await stores.userStore.find(user.id)).toEqual(user);
  });
});
