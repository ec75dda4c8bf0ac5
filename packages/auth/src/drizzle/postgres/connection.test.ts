import { sql } from "drizzle-orm";
import type { Pool } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import {
  hold,
  releaseHeld,
  waitForWaiting,
} from "../../../test/support/postgres-locks.js";
import { startPostgresProxy } from "../../../test/support/postgres-proxy.js";
import { openMigratedPostgresDatabase } from "../../../test/support/postgres-test-database.js";
import type { PostgresTestDatabase } from "../../../test/support/postgres-test-database.js";
import {
  addUser,
  createAdmission,
  createFlow,
  createSession,
  listLivingSessions,
  now,
  startSession,
} from "../../testing/store-samples.js";
import { createStoreClient } from "../../core/stores/store-client.js";
import { checkPostgres } from "./check.js";
import { createConnections } from "./connection.js";
import { createSchema } from "./schema.js";
import { createPostgresStores } from "./stores.js";

const unavailable = expect.objectContaining({
  name: "AuthError",
  code: "store_unavailable",
});

const terminateOthers = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid()`;

let opened: PostgresTestDatabase;

beforeAll(async () => {
  opened = await openMigratedPostgresDatabase();
});

afterEach(async () => {
  await releaseHeld();
  await opened.empty();
});

afterAll(() => opened.close());

describe("a pool whose connections are all in use", () => {
  it("queues mostWaiting callers and refuses the next at once", async () => {
    const pool = opened.openPool({ max: 1 });
    const { flowStore } = createPostgresStores(pool, { mostWaiting: 2 });
    const client = await pool.connect();
    const { stateDigest } = createFlow();

    const waiting = [1, 2].map(() => flowStore.isPending(stateDigest, now));
    const refused = await flowStore
      .isPending(stateDigest, now)
      .catch((error: unknown) => error);
    client.release();

    expect(refused).toEqual(unavailable);
    expect(await Promise.all(waiting)).toEqual([false, false]);
  });

  it("queues 50 callers for each connection by default", async () => {
    const pool = opened.openPool({ max: 2 });
    const { flowStore } = createPostgresStores(pool);
    const clients = [await pool.connect(), await pool.connect()];
    const { stateDigest } = createFlow();

    const calls = Array.from({ length: 101 }, () =>
      flowStore.isPending(stateDigest, now),
    );
    const settled = Promise.allSettled(calls);
    for (const client of clients) client.release();

    const refused = (await settled).map(({ status }) => status === "rejected");
    expect(refused).toEqual(Array.from({ length: 101 }, (_, i) => i === 100));
  });

  it("rejects a caller after the pool's connection timeout", async () => {
    const pool = opened.openPool({ max: 1 });
    const client = await pool.connect();
    pool.options.connectionTimeoutMillis = 20;

    const waiting = createPostgresStores(pool).flowStore.add(createFlow());

    await expect(waiting).rejects.toEqual(unavailable);
    client.release();
  });
});

describe("a connection that breaks", () => {
  it("while it waits for a lock rejects its caller, and the next call uses another connection", async () => {
    const pool = opened.openPool({ max: 1 });
    const { sessionStore } = createPostgresStores(pool);
    await addUser(createPostgresStores(opened.pool));
    await startSession(createPostgresStores(opened.pool));
    const lock = await hold(opened.pool, "SELECT FROM auth_session FOR UPDATE");

    const ending = sessionStore
      .end(createSession().id)
      .catch((error: unknown) => error);
    await waitForWaiting(opened.pool, 1);
    await opened.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
    );

    expect(await ending).toEqual(unavailable);
    expect(await ending).toMatchObject({ cause: { code: "57P01" } });
    expect(await sessionStore.find(createSession().id)).toBeDefined();
    await lock.release();
  });

  it("in the middle of a transaction rolls the transaction back", async () => {
    const pool = opened.openPool({ max: 1 });
    const stores = createPostgresStores(opened.pool);
    const user = await addUser(stores);
    await startSession(stores);
    const lock = await hold(opened.pool, "SELECT FROM auth_session FOR UPDATE");

    const disabling = createPostgresStores(pool)
      .userStore.disable(user.id, user.tenantId, now)
      .catch((error: unknown) => error);
    await waitForWaiting(opened.pool, 1);
    await opened.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
    );

    expect(await disabling).toEqual(unavailable);
    await lock.release();
    expect(await stores.userStore.find(user.id)).toEqual(user);
    expect(await listLivingSessions(stores, 1)).toEqual([1]);
  });

  it("while it is being established rejects its caller, and the next call uses another connection", async () => {
    const proxy = await startPostgresProxy(opened.url);
    const pool = opened.openPool({ connectionString: proxy.url });
    const { flowStore } = createPostgresStores(pool);
    proxy.breakNext(1);

    await expect(flowStore.add(createFlow())).rejects.toEqual(unavailable);
    await flowStore.add(createFlow());

    expect(await flowStore.isPending(createFlow().stateDigest, now)).toBe(true);
    await pool.end();
    await proxy.close();
  });

  it("while idle is removed from the pool and reported to the app's error listener", async () => {
    const pool = opened.openPool({ max: 1 });
    const { flowStore } = createPostgresStores(pool);
    await flowStore.add(createFlow());
    const reported = new Promise((resolve) => pool.once("error", resolve));

    await opened.pool.query(terminateOthers);

    expect(await reported).toMatchObject({ code: "57P01" });
    expect(await flowStore.isPending(createFlow().stateDigest, now)).toBe(true);
  });

  it("while idle does not end a process without an error listener", async () => {
    const pool = opened.openPool({ max: 1 });
    const { flowStore } = createPostgresStores(pool);
    await flowStore.add(createFlow());
    const removed = new Promise((resolve) => pool.once("remove", resolve));

    await opened.pool.query(terminateOthers);
    await removed;

    expect(await flowStore.isPending(createFlow().stateDigest, now)).toBe(true);
  });
});

describe("a connection to a read-only database", () => {
  it.each([
    ["a readiness probe", (pool: Pool) => checkPostgres(pool)],
    [
      "a store",
      (pool: Pool) => createPostgresStores(pool).flowStore.add(createFlow()),
    ],
  ])(
    "is not used again by %s, because a new one may lead to the primary",
    async (_, runQuery) => {
      const pool = opened.openPool({ max: 1 });
      const name = new URL(opened.url).pathname.slice(1);
      const setting = "default_transaction_read_only";
      await opened.pool.query(`ALTER DATABASE ${name} SET ${setting} = on`);
      try {
        await expect(runQuery(pool)).rejects.toEqual(unavailable);
      } finally {
        await opened.pool.query(`ALTER DATABASE ${name} RESET ${setting}`);
      }

      await expect(runQuery(pool)).resolves.toBeUndefined();
    },
  );
});

describe("a statement that the database rolls back because of a conflict", () => {
  it("is run at most three times", async () => {
    const connections = createConnections(
      opened.pool,
      createSchema(),
      100,
      createStoreClient(),
    );
    let attempts = 0;
    const { runQuery } = connections.prepare((database) => () => {
      attempts += 1;
      return database.execute(
        sql`DO $$ BEGIN RAISE serialization_failure; END $$`,
      );
    });

    await expect(runQuery((fail) => fail())).rejects.toEqual(unavailable);

    expect(attempts).toBe(3);
  });

  it("keeps its connection", async () => {
    const pool = opened.openPool({ max: 1 });
    const { sessionStore } = createPostgresStores(pool);
    await sessionStore.admit(createAdmission());

    await expect(sessionStore.admit(createAdmission())).rejects.toMatchObject({
      code: "23505",
    });

    expect(pool.totalCount).toBe(1);
  });
});
