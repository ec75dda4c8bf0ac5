import { drizzle } from "drizzle-orm/better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import {
  openInWalMode,
  openMigratedTestDatabase,
} from "../../../../test/sqlite-test-database.js";
import type { TestDatabase } from "../../../../test/sqlite-test-database.js";
import { createStoreClient } from "../../../core/stores/store-client.js";
import type { RateLimitStore } from "../../../core/stores/rate-limit-store.js";
import { createQueryRunner } from "../connection.js";
import type { RunQuery } from "../connection.js";
import { createSchema } from "../schema.js";
import { createSqliteRateLimitStore } from "./rate-limit-store.js";

const key = "login:203.0.113.7";

let opened: TestDatabase;

beforeEach(() => {
  opened = openMigratedTestDatabase();
});

afterEach(() => opened.close());

const client = createStoreClient();

function createStore(
  runQuery: RunQuery = createQueryRunner(2000, client),
): RateLimitStore {
  return createSqliteRateLimitStore(
    drizzle(opened.database),
    createSchema(),
    runQuery,
  );
}

describe("createSqliteRateLimitStore", () => {
  it("continues the counts of a process that has exited", async () => {
    await createStore().count(key, 60);
    opened.database.close();
    opened = { ...opened, database: openInWalMode(opened.path) };

    expect((await createStore().count(key, 60)).count).toBe(2);

    opened.database.close();
  });

  it("counts once for a call that is retried because another process writes", async () => {
    const other = openInWalMode(opened.path);
    opened.database.pragma("busy_timeout = 0");
    other.exec("BEGIN IMMEDIATE");
    let attempts = 0;
    const { count } = createStore((query) =>
      createQueryRunner(
        2000,
        client,
      )(() => {
        attempts += 1;
        if (attempts === 2) other.exec("COMMIT");
        return query(client.id);
      }),
    );

    const first = await count(key, 60);

    expect(attempts).toBe(2);
    expect(first.count).toBe(1);
    expect((await count(key, 60)).count).toBe(2);
    other.close();
  });

  it("creates no table and stores only the key", async () => {
    const readTables = () =>
      opened.database
        .prepare("SELECT name, sql FROM sqlite_schema ORDER BY name")
        .all();
    const tables = readTables();

    await createStore().count(key, 60);

    expect(readTables()).toEqual(tables);
    expect(
      opened.database.prepare("SELECT key, points FROM auth_rate_limit").all(),
    ).toEqual([{ key, points: 1 }]);
  });
});
