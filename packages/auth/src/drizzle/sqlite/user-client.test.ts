import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { openMigratedTestDatabase } from "../../../test/sqlite-test-database.js";
import type { TestDatabase } from "../../../test/sqlite-test-database.js";
import { addUser, startSession } from "../../testing/store-samples.js";
import { createSqliteStores } from "./stores.js";

let opened: TestDatabase;

beforeEach(() => {
  opened = openMigratedTestDatabase();
});

afterEach(() => opened.close());

function listUsers(): unknown[] {
  return opened.database.prepare("SELECT id FROM auth_user").pluck().all();
}

describe("a user's row at a client", () => {
  it("is deleted with the user's sessions at that client, and with the user if no other client knows them", async () => {
    const { database } = opened;
    const [first, second] = ["client-1", "client-2"].map((clientId) =>
      createSqliteStores(database, { clientId }),
    );
    if (first === undefined || second === undefined) throw new Error("None.");
    await addUser(second);
    const { id } = await addUser(first);
    const session = await startSession(first);

    database.exec("DELETE FROM auth_user_client WHERE client_id = 'client-1'");

    expect(await first.sessionStore.find(session.id)).toBeUndefined();
    expect(await first.userStore.find(id)).toBeUndefined();
    expect(await second.userStore.find(id)).toBeDefined();

    database.exec("DELETE FROM auth_user_client WHERE client_id = 'client-2'");

    expect(listUsers()).toEqual([]);
  });

  it("is deleted with the user", async () => {
    const { database } = opened;
    await addUser(createSqliteStores(database, { clientId: "client-1" }));

    database.exec("DELETE FROM auth_user");

    expect(database.prepare("SELECT * FROM auth_user_client").all()).toEqual(
      [],
    );
  });
});
