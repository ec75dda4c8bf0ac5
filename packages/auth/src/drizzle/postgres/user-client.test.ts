import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import {
  hold,
  releaseHeld,
  waitForWaiting,
} from "../../../test/support/postgres-locks.js";
import { openMigratedPostgresDatabase } from "../../../test/support/postgres-test-database.js";
import type { PostgresTestDatabase } from "../../../test/support/postgres-test-database.js";
import { addUser, startSession } from "../../testing/store-samples.js";
import { createPostgresStores } from "./stores.js";

let opened: PostgresTestDatabase;

beforeAll(async () => {
  opened = await openMigratedPostgresDatabase();
});

afterEach(async () => {
  await releaseHeld();
  await opened.empty();
});

afterAll(() => opened.close());

function createStoresOf(clientId: string) {
  return createPostgresStores(opened.pool, { clientId });
}

function deleteUserClients(clientId: string) {
  return opened.pool.query(
    "DELETE FROM auth_user_client WHERE client_id = $1",
    [clientId],
  );
}

async function count(table: string): Promise<number | null> {
  return (await opened.pool.query(`SELECT FROM ${table}`)).rowCount;
}

describe("a user's row at a client", () => {
  it("is deleted with the user's sessions at that client, and with the user if no other client knows them", async () => {
    const [first, second] = [
      createStoresOf("client-1"),
      createStoresOf("client-2"),
    ];
    await addUser(second);
    const { id } = await addUser(first);
    const session = await startSession(first);

    await deleteUserClients("client-1");

    expect(await first.sessionStore.find(session.id)).toBeUndefined();
    expect(await first.userStore.find(id)).toBeUndefined();
    expect(await second.userStore.find(id)).toBeDefined();

    await deleteUserClients("client-2");

    expect(await count("auth_user")).toBe(0);
  });

  it("is deleted with the user", async () => {
    await addUser(createStoresOf("client-1"));

    await opened.pool.query("DELETE FROM auth_user");

    expect(await count("auth_user_client")).toBe(0);
  });

  it("does not delete the user as the last row if another client is admitting the user", async () => {
    const { id } = await addUser(createStoresOf("client-1"));
    const admitting = await hold(
      opened.pool,
      "UPDATE auth_user SET name = name; INSERT INTO auth_user_client SELECT user_id, 'client-2', subject, email, roles, groups, created_at, last_sign_in_at, disabled_at FROM auth_user_client",
    );

    const deleting = deleteUserClients("client-1");
    await waitForWaiting(opened.pool, 1);
    await admitting.release();
    await deleting;

    expect(await createStoresOf("client-2").userStore.find(id)).toBeDefined();
  });
});
