import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import {
  openInWalMode,
  openMigratedTestDatabase,
} from "../../../test/sqlite-test-database.js";
import type { TestDatabase } from "../../../test/sqlite-test-database.js";
import { everywhere, listCalls } from "../../../test/support/store-calls.js";
import type { Stores } from "../../core/stores/stores.js";
import {
  brand,
  createAdmission,
  createFlow,
  createPartition,
  createSession,
  now,
} from "../../testing/store-samples.js";
import { createSqliteStores } from "./stores.js";

const unavailable = expect.objectContaining({
  name: "AuthError",
  code: "store_unavailable",
});

let opened: TestDatabase;
let stores: Stores;

beforeEach(() => {
  opened = openMigratedTestDatabase();
  stores = createSqliteStores(opened.database);
});

afterEach(() => opened.close());

describe("createSqliteStores on a database that cannot be used", () => {
  it("rejects every call with store_unavailable once the connection is closed", async () => {
    opened.database.close();

    for (const call of listCalls(stores))
      await expect(call()).rejects.toEqual(unavailable);
  });

  it("rejects every call with store_unavailable when the tables were dropped", async () => {
    for (const table of [
      "auth_event",
      "auth_flow",
      "auth_lease",
      "auth_rate_limit",
      "auth_session",
      "auth_token_cache",
      "auth_user",
    ])
      opened.database.exec(`DROP TABLE "${table}"`);

    for (const call of listCalls(stores))
      await expect(call()).rejects.toEqual(unavailable);
  });

  it("rejects a write after the timeout while another process writes, and still reads", async () => {
    const patient = createSqliteStores(opened.database, {
      busyTimeoutMilliseconds: 30,
    });
    const other = openInWalMode(opened.path);
    opened.database.pragma("busy_timeout = 0");
    other.exec("BEGIN IMMEDIATE");

    const writes = [
      patient.flowStore.add(createFlow()),
      patient.sessionStore.admit(createAdmission()),
      patient.userStore.disable(brand("user-ada"), brand("tenant"), now),
      patient.rateLimitStore.count("login:203.0.113.7", 60),
    ];
    const settled = Promise.allSettled(writes);
    const read = await patient.sessionStore.find(brand("session-1"));

    expect(read).toBeUndefined();
    expect(await settled).toEqual([
      { status: "rejected", reason: unavailable },
      { status: "rejected", reason: unavailable },
      { status: "rejected", reason: unavailable },
      { status: "rejected", reason: unavailable },
    ]);
    other.close();
  });

  it("writes nothing for a sign-out of a session of the identity provider that is unknown or out of scope", async () => {
    await stores.sessionStore.admit(createAdmission());
    const other = openInWalMode(opened.path);
    opened.database.pragma("busy_timeout = 0");
    other.exec("BEGIN IMMEDIATE");

    const ended = [
      await stores.sessionStore.endByProviderSession("unknown", everywhere),
      await stores.sessionStore.endByProviderSession("provider-session-1", {
        ...everywhere,
        subject: "another-subject",
      }),
    ];

    expect(ended).toEqual([[], []]);
    other.close();
  });

  it("completes a write once the other process has written", async () => {
    const other = openInWalMode(opened.path);
    opened.database.pragma("busy_timeout = 0");
    other.exec("BEGIN IMMEDIATE");

    // The first attempt of each has failed when the call returns; the next comes after a pause.
    const writes = Promise.all([
      stores.flowStore.add(createFlow()),
      stores.sessionStore.admit(createAdmission()),
    ]);
    other.exec("COMMIT");
    await writes;

    const { stateDigest } = createFlow();
    expect(await stores.flowStore.isPending(stateDigest, now)).toBe(true);
    expect(await stores.sessionStore.find(createSession().id)).toBeDefined();
    other.close();
  });

  it("rejects a write to a read-only database", async () => {
    const readonlyDatabase = new Database(opened.path, { readonly: true });
    const { flowStore } = createSqliteStores(readonlyDatabase);

    await expect(flowStore.add(createFlow())).rejects.toEqual(unavailable);

    readonlyDatabase.close();
  });

  it("rejects a write to a full disk", async () => {
    opened.database.pragma(
      `max_page_count = ${opened.database.pragma("page_count", { simple: true })}`,
    );

    const put = stores.tokenCacheStore.put(
      createPartition({ sealedCache: brand("x".repeat(100_000)) }),
    );

    await expect(put).rejects.toEqual(unavailable);
  });

  it("keeps the cause, without SQL or values in the message", async () => {
    opened.database.exec("DROP TABLE auth_flow");

    const error: unknown = await stores.flowStore
      .add(createFlow())
      .catch((reason: unknown) => reason);

    expect(error).toMatchObject({ cause: { code: "SQLITE_ERROR" } });
    expect(String(error)).not.toMatch(/insert|flow|n4bQ|Lca_/);
  });

  it("does not translate a violated constraint", async () => {
    await stores.sessionStore.admit(createAdmission());

    const again = stores.sessionStore.admit(createAdmission());

    await expect(again).rejects.toMatchObject({
      code: "SQLITE_CONSTRAINT_PRIMARYKEY",
    });
  });
});
