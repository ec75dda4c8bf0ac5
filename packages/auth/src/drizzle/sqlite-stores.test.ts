import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Stores } from "../core/ports.js";
import { describeStores } from "../testing/store-contract.js";
import {
  brand,
  createProfile,
  createSession,
  now,
} from "../testing/store-samples.js";
import { createSqliteStores } from "./sqlite-stores.js";
import { openMigratedTestDatabase } from "../../test/sqlite-test-database.js";
import type { TestDatabase } from "../../test/sqlite-test-database.js";

describeStores({ describe, it }, "createSqliteStores", async () => {
  const { database, close } = openMigratedTestDatabase();
  return { stores: createSqliteStores(database), close: async () => close() };
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
      "CREATE TRIGGER refusal BEFORE DELETE ON session BEGIN SELECT RAISE(ABORT, 'no'); END",
    );
  }

  it("disables nobody if their sessions cannot be ended", async () => {
    const user = await stores.userStore.upsert(
      brand("user-ada"),
      createProfile(),
      now,
    );
    await stores.sessionStore.start(createSession());
    refuseToEndSessions();

    const disabling = stores.userStore.disable(user.id, user.tenantId, now);

    await expect(disabling).rejects.toThrow();
    expect(await stores.userStore.find(user.id)).toEqual(user);
  });

  it("keeps the new session from starting if the one it replaces cannot be ended", async () => {
    await stores.userStore.upsert(brand("user-ada"), createProfile(), now);
    await stores.sessionStore.start(createSession());
    refuseToEndSessions();

    const next = createSession({ id: brand("session-2") });
    const replacing = stores.sessionStore.start(next, brand("session-1"));

    await expect(replacing).rejects.toThrow();
    expect(await stores.sessionStore.find(next.id)).toBeUndefined();
  });
});
