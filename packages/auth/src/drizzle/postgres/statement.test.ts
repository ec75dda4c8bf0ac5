import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { performOperations } from "../../../test/support/operations.js";
import { startPostgresProxy } from "../../../test/support/postgres-proxy.js";
import type { PostgresProxy } from "../../../test/support/postgres-proxy.js";
import { openMigratedPostgresDatabase } from "../../../test/support/postgres-test-database.js";
import type { PostgresTestDatabase } from "../../../test/support/postgres-test-database.js";
import { createPostgresStores } from "./stores.js";

let opened: PostgresTestDatabase;
let proxy: PostgresProxy;

beforeAll(async () => {
  opened = await openMigratedPostgresDatabase();
  proxy = await startPostgresProxy(opened.url);
});

afterAll(async () => {
  await proxy?.close();
  await opened?.close();
});

describe("createPostgresStores", () => {
  it("makes few round trips for each operation", async () => {
    const pool = opened.openPool({ connectionString: proxy.url, max: 1 });
    await pool.query("SELECT");

    const trips = await performOperations(
      createPostgresStores(pool),
      async (act) => {
        const before = proxy.countRoundTrips();
        await act();
        return proxy.countRoundTrips() - before;
      },
    );

    expect(trips).toEqual({
      start: 2,
      "callback of a first sign-in": 3,
      me: 1,
      "callback of the next sign-in": 3,
      // One more, for the tokens of the user whose session it replaces.
      "callback of another user": 4,
      logout: 4,
      "callback without a flow": 2,
    });
    await pool.end();
  });

  it("prepares a statement when it is first used, once for each connection", async () => {
    const pool = opened.openPool({ max: 1 });
    const listPrepared = async () => {
      const { rows } = await pool.query<{ readonly name: string }>(
        "SELECT name FROM pg_prepared_statements ORDER BY name",
      );
      return rows.map(({ name }) => name);
    };
    const { rateLimitStore } = createPostgresStores(pool);
    const before = await listPrepared();

    await rateLimitStore.count("login:203.0.113.7", 60);
    await rateLimitStore.count("login:203.0.113.7", 60);

    expect(before).toEqual([]);
    expect(await listPrepared()).toEqual(["auth_rate_limit_count"]);
  });
});
