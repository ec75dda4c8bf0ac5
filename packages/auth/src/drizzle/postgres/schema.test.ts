import { Client } from "pg";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  vi,
} from "vitest";

import { listCalls } from "../../../test/support/store-calls.js";
import { openMigratedPostgresDatabase } from "../../../test/support/postgres-test-database.js";
import type { PostgresTestDatabase } from "../../../test/support/postgres-test-database.js";
import type { Stores } from "../../core/stores/stores.js";
import {
  addUser,
  brand,
  createProfile,
  createSession,
  now,
  startSession,
} from "../../testing/store-samples.js";
import { createPostgresStores } from "./stores.js";

let opened: PostgresTestDatabase;
let stores: Stores;

beforeAll(async () => {
  opened = await openMigratedPostgresDatabase();
});

beforeEach(() => {
  stores = createPostgresStores(opened.pool);
});

afterEach(() => opened.empty());

afterAll(() => opened.close());

async function readColumn(query: string): Promise<readonly unknown[]> {
  const { rows } = await opened.pool.query({ text: query, rowMode: "array" });
  return rows.map(([value]: readonly unknown[]) => value);
}

describe("the statements of the stores", () => {
  it("are prepared once for each connection", async () => {
    const pool = opened.openPool({ max: 1 });
    const one = createPostgresStores(pool);
    const listPrepared = () =>
      pool.query("SELECT name, prepare_time FROM pg_prepared_statements");

    for (const call of listCalls(one)) await call().catch(() => undefined);
    const before = await listPrepared();
    for (const call of listCalls(one)) await call().catch(() => undefined);
    const after = await listPrepared();

    expect(after.rows).toEqual(before.rows);
    expect(after.rows.length).toBeGreaterThan(30);
    await pool.end();
  });

  it("take one round trip for each call; disabling a user alone takes a transaction", async () => {
    await Promise.all(Array.from({ length: 2 }, () => addUser(stores)));
    const query = vi.spyOn(Client.prototype, "query");

    const counts: number[] = [];
    for (const call of listCalls(stores)) {
      query.mockClear();
      await call().catch(() => undefined);
      counts.push(query.mock.calls.length);
    }
    query.mockRestore();

    expect(counts.toSorted()).toEqual([
      ...Array.from({ length: counts.length - 1 }, () => 1),
      4,
    ]);
  });
});

describe("the PostgreSQL tables", () => {
  it("contain secrets only as digests or sealed, and no other value that permits signing in", async () => {
    const columns = await readColumn(
      "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public'",
    );

    const sensitive = columns.filter((name) =>
      /secret|token|verifier|state|cache|code|password|cookie/.test(
        String(name),
      ),
    );

    // `code` is an error's.
    expect(sensitive.toSorted()).toEqual([
      "browser_token_digest",
      "code",
      "sealed_cache",
      "sealed_code_verifier",
      "secret_digest",
      "state_digest",
    ]);
  });

  it("compare every text by its bytes, however the database sorts", async () => {
    const collations = await readColumn(
      `SELECT DISTINCT coalesce(collation_name, 'default') FROM information_schema.columns
      WHERE table_schema = 'public' AND data_type = 'text' AND table_name <> 'auth_migration'`,
    );

    expect(collations).toEqual(["C"]);
  });

  it("hold instants to the millisecond, and answer them in any time zone", async () => {
    const pool = opened.openPool({ options: "-c timezone=America/St_Johns" });
    await addUser(createPostgresStores(pool));

    const [stored] = await readColumn(
      `SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') FROM auth_user_client`,
    );

    expect(stored).toBe("2026-03-01T09:00:00.123000");
    expect(
      await createPostgresStores(pool).userStore.find(brand("user-ada")),
    ).toMatchObject({ createdAt: now });
  });

  it("answer no instant at all where it could be read as another day", async () => {
    await addUser(stores);
    const pool = opened.openPool({ options: "-c datestyle=SQL,DMY" });

    await expect(
      createPostgresStores(pool).userStore.find(brand("user-ada")),
    ).rejects.toThrow(/DateStyle/);
  });

  it("hold lists as JSON that the database can search", async () => {
    await addUser(stores, "user-ada", createProfile({ groups: [] }));

    expect(
      await readColumn(
        `SELECT user_id FROM auth_user_client WHERE roles ? 'Reader'`,
      ),
    ).toEqual(["user-ada"]);
  });

  it("know nobody by a text that PostgreSQL cannot hold, and keep it readable", async () => {
    const unstorable = "\0\uD800";
    await addUser(stores, "user-ada", {
      name: `Ada${unstorable}`,
      roles: [unstorable],
    });

    const user = await stores.userStore.find(brand("user-ada"));

    expect(user).toMatchObject({
      name: "Ada\uFFFD\uFFFD",
      roles: ["\uFFFD\uFFFD"],
    });
    expect(await stores.sessionStore.find(brand(unstorable))).toBeUndefined();
    expect(
      await stores.userStore.list({
        tenantId: createProfile().tenantId,
        search: "\0x",
        after: undefined,
        limit: 1,
      }),
    ).toEqual([]);
  });

  it("forget a user's sessions with the user", async () => {
    await addUser(stores);
    await startSession(stores);

    await opened.pool.query(`DELETE FROM auth_user`);

    await expect(
      stores.sessionStore.find(createSession().id),
    ).resolves.toBeUndefined();
  });

  it("have a key, a count and the end of its window for each rate limit", async () => {
    const { rows } = await opened.pool.query(
      `SELECT column_name, data_type, column_default, is_nullable FROM information_schema.columns
      WHERE table_name = 'auth_rate_limit' ORDER BY ordinal_position`,
    );

    expect(rows.map((row) => Object.values(row))).toEqual([
      ["key", "text", null, "NO"],
      ["points", "integer", "0", "NO"],
      ["expire", "bigint", null, "YES"],
    ]);
  });
});
