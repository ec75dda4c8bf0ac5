import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startPostgresServer } from "../../../test/support/postgres-server.js";
import type { PostgresServer } from "../../../test/support/postgres-server.js";
import { listCalls } from "../../../test/support/store-calls.js";
import type { Stores } from "../../core/stores/stores.js";
import {
  addUser,
  brand,
  createFlow,
  now,
  startSession,
} from "../../testing/store-samples.js";
import { checkPostgres } from "./check.js";
import { migratePostgres } from "./migrate.js";
import { createPostgresStores } from "./stores.js";

const unavailable = expect.objectContaining({
  name: "AuthError",
  code: "store_unavailable",
});

let server: PostgresServer;
let pool: Pool;
let stores: Stores;

beforeAll(async () => {
  server = await startPostgresServer();
  pool = new Pool({ connectionString: server.url() });
  await migratePostgres(pool);
  stores = createPostgresStores(pool);
});

afterAll(async () => {
  await pool?.end();
  await server?.close();
});

describe("the stores of a server that", () => {
  it.each([
    ["stops", () => server.stop()],
    ["is killed", () => server.kill()],
  ])(
    "%s reject every call, and return the stored rows after it has started again",
    async (how, end) => {
      const state = brand<never>(`state that ${how}`);
      await addUser(stores);
      await startSession(stores, { id: state });
      await stores.flowStore.add(createFlow({ stateDigest: state }));
      // Several connections, which all break.
      await Promise.all([1, 2, 3].map(() => checkPostgres(pool)));

      await end();
      for (const call of listCalls(stores))
        await expect(call()).rejects.toEqual(unavailable);
      await expect(checkPostgres(pool)).rejects.toEqual(unavailable);
      await server.start();

      await expect(checkPostgres(pool)).resolves.toBeUndefined();
      expect(await stores.flowStore.isPending(state, now)).toBe(true);
      expect(await stores.sessionStore.find(state)).toBeDefined();
    },
  );

  it("is killed during calls resolve or reject each call", async () => {
    const adding = Promise.allSettled(
      Array.from({ length: 200 }, (_, index) =>
        stores.flowStore.add(
          createFlow({ stateDigest: brand(`storm-${index}`) }),
        ),
      ),
    );

    await server.kill();
    const settled = await adding;
    await server.start();

    for (const [index, call] of settled.entries()) {
      const state = brand<never>(`storm-${index}`);
      // Acknowledged writes are stored. The other writes may be.
      if (call.status === "fulfilled")
        expect(await stores.flowStore.isPending(state, now)).toBe(true);
      else expect(call.reason).toEqual(unavailable);
    }
  });
});
