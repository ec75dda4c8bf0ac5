import { afterEach, beforeEach, describe, expect, it } from "vitest";

import {
  openMigratedPostgresDatabase,
  openPostgresDatabase,
} from "../../../test/support/postgres-test-database.js";
import type { PostgresTestDatabase } from "../../../test/support/postgres-test-database.js";
import { checkPostgres } from "./check.js";

const unavailable = expect.objectContaining({
  name: "AuthError",
  code: "store_unavailable",
});

let opened: PostgresTestDatabase;

beforeEach(async () => {
  opened = await openMigratedPostgresDatabase();
});

afterEach(() => opened.close());

describe("checkPostgres", () => {
  it("resolves if the tables are empty", async () => {
    await expect(checkPostgres(opened.pool)).resolves.toBeUndefined();
  });

  it("rejects when the pool has ended", async () => {
    await opened.pool.end();

    await expect(checkPostgres(opened.pool)).rejects.toEqual(unavailable);
  });

  it("rejects when the tables are missing", async () => {
    const empty = await openPostgresDatabase();

    await expect(checkPostgres(empty.pool)).rejects.toEqual(unavailable);

    await empty.close();
  });

  it("rejects when the database is read-only, like a replica", async () => {
    const pool = opened.openPool({
      options: "-c default_transaction_read_only=on",
    });

    await expect(checkPostgres(pool)).rejects.toEqual(unavailable);
  });

  it("rejects when every connection is in use for longer than the pool's timeout", async () => {
    const pool = opened.openPool({ max: 1 });
    const client = await pool.connect();
    pool.options.connectionTimeoutMillis = 20;

    await expect(checkPostgres(pool)).rejects.toEqual(unavailable);

    client.release();
  });
});
