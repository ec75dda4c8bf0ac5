import { DrizzleQueryError } from "drizzle-orm";
import type { Pool, PoolConfig } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { hold, releaseHeld } from "../../../test/support/postgres-locks.js";
import {
  openMigratedPostgresDatabase,
  openPostgresDatabase,
} from "../../../test/support/postgres-test-database.js";
import type { PostgresTestDatabase } from "../../../test/support/postgres-test-database.js";
import { listCalls } from "../../../test/support/store-calls.js";
import type { Stores } from "../../core/stores/stores.js";
import {
  addUser,
  createFlow,
  createSession,
  startSession,
} from "../../testing/store-samples.js";
import { toStoreError } from "./error.js";
import { createPostgresStores } from "./stores.js";

const unavailable = expect.objectContaining({
  name: "AuthError",
  code: "store_unavailable",
});

let opened: PostgresTestDatabase;

beforeAll(async () => {
  opened = await openMigratedPostgresDatabase();
});

afterEach(async () => {
  await releaseHeld();
  await opened.empty();
});

afterAll(() => opened.close());

function openStores(config: PoolConfig = {}): Stores {
  return createPostgresStores(opened.openPool(config));
}

function capture(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

async function expectUnavailable(pool: Pool): Promise<void> {
  for (const call of listCalls(createPostgresStores(pool)))
    await expect(call()).rejects.toEqual(unavailable);
}

describe("createPostgresStores on a database that cannot be used", () => {
  it("rejects every call once the pool has ended", async () => {
    const pool = opened.openPool();
    await pool.end();

    await expectUnavailable(pool);
  });

  it("rejects every call when the tables are missing", async () => {
    const empty = await openPostgresDatabase();

    await expectUnavailable(empty.pool);

    await empty.close();
  });

  it("rejects every call when the database does not exist", async () => {
    await expectUnavailable(
      opened.openPool({ connectionString: `${opened.url}x` }),
    );
  });

  it("rejects every call when the database refuses the user", async () => {
    const url = Object.assign(new URL(opened.url), { username: "stranger" });

    await expectUnavailable(opened.openPool({ connectionString: url.href }));
  });

  it("rejects every call when no server listens at the address", async () => {
    const url = Object.assign(new URL(opened.url), { port: "1" });

    await expectUnavailable(opened.openPool({ connectionString: url.href }));
  });

  it("rejects writes to a read-only database and still reads", async () => {
    const stores = openStores({
      options: "-c default_transaction_read_only=on",
    });

    await expect(stores.flowStore.add(createFlow())).rejects.toEqual(
      unavailable,
    );
    await expect(
      stores.sessionStore.find(createSession().id),
    ).resolves.toBeUndefined();
  });

  it.each([
    ["the statement's timeout", { statement_timeout: 50 }, "57014", 1],
    ["the lock's timeout", { lock_timeout: 50 }, "55P03", 1],
    // The outcome is unknown to the driver, so the connection is closed.
    ["the driver's timeout", { query_timeout: 50 }, undefined, 0],
  ])(
    "rejects a write that waits past %s",
    async (_, config, code, connections) => {
      const patient = createPostgresStores(opened.pool);
      await addUser(patient);
      await startSession(patient);
      const lock = await hold(
        opened.pool,
        "SELECT FROM auth_session FOR UPDATE",
      );
      const pool = opened.openPool(config);
      const { sessionStore } = createPostgresStores(pool);

      const error = await capture(sessionStore.end(createSession().id));
      await lock.release();

      expect(error).toEqual(unavailable);
      expect(error).toMatchObject({ cause: code ? { code } : {} });
      expect(pool.totalCount).toBe(connections);
    },
  );
});

/** Creates an error as the driver does from an error response of PostgreSQL. */
function createResponseError(code: string): DrizzleQueryError {
  const response = Object.assign(new Error("It fails."), {
    code,
    severity: "ERROR",
  });
  return new DrizzleQueryError("select 1", [], response);
}

describe("toStoreError", () => {
  it.each([
    "08006", // A lost connection.
    "25006", // A replica.
    "26000", // A pooler that does not keep prepared statements.
    "28P01", // A wrong password.
    "3D000", // A missing database.
    "40001", // A conflict at every attempt.
    "42501", // A missing permission.
    "42703", // A missing column.
    "42P01", // A missing table.
    "53100", // A full disk.
    "53300", // Too many connections.
    "55P03", // A lock.
    "57014", // A timeout.
    "57P01", // A shutdown.
    "57P03", // A start.
    "58030", // A broken disk.
    "XX001", // A broken page.
  ])("translates %s to store_unavailable", (code) => {
    expect(toStoreError(createResponseError(code))).toEqual(unavailable);
  });

  it.each(["21000", "22001", "23505", "42601", "42883", "P0001"])(
    "does not translate %s",
    (code) => {
      const error = toStoreError(createResponseError(code));

      expect(error).toMatchObject({ name: "Error", code });
    },
  );

  it("returns other errors unchanged", () => {
    const mistake = new TypeError("It is no function.");

    expect(toStoreError(mistake)).toBe(mistake);
  });
});
