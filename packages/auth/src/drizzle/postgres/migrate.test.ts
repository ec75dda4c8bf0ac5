import { readdirSync, readFileSync } from "node:fs";
import { generateDrizzleJson, generateMigration } from "drizzle-kit/api";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import {
  hold,
  releaseHeld,
  waitForWaiting,
} from "../../../test/support/postgres-locks.js";
import { openPostgresDatabase } from "../../../test/support/postgres-test-database.js";
import type { PostgresTestDatabase } from "../../../test/support/postgres-test-database.js";
import {
  auditTrailRows,
  clientId,
  clientRows,
  expectAuditTrailRows,
  expectClientRows,
  expectUserEventRows,
  expectHousekeepingRows,
  expectInitialRows,
  expectUnclaimedRows,
  housekeepingRows,
  initialRows,
  userEventRows,
} from "../../../test/support/upgrade-rehearsal.js";
import type { HistoricRows } from "../../../test/support/upgrade-rehearsal.js";
import {
  listUnprefixedMigrations,
  listUnprefixedStatements,
} from "../../../test/support/unprefixed-tables.js";
import { addUser } from "../../testing/store-samples.js";
import { applyMigrations, migratePostgres } from "./migrate.js";
import { postgresMigrations } from "./migrations.js";
import { fillPrefix } from "../migration.js";
import { createSchema } from "./schema.js";
import { SchemaError } from "../schema-error.js";
import { checkPostgres } from "./check.js";
import { createPostgresStores } from "./stores.js";
import { formatTriggers } from "./migration/triggers.js";

const folder = new URL("../../../drizzle/postgres/", import.meta.url);

/** For every migration: the rows that an app stored when it was the newest, and how to read them now. */
const history: Readonly<Record<string, HistoricRows>> = {
  "0000_initial": {
    insertions: (dialect) => [
      ...initialRows(dialect),
      ...auditTrailRows(dialect),
    ],
    async expectRows(stores) {
      await expectInitialRows(stores);
      await expectAuditTrailRows(stores);
    },
  },
  "0001_housekeeping": {
    insertions: housekeepingRows,
    expectRows: expectHousekeepingRows,
  },
  "0002_clients": { insertions: clientRows, expectRows: expectClientRows },
  "0003_user_events": {
    insertions: userEventRows,
    expectRows: expectUserEventRows,
  },
};

const dialect = {
  instant: (milliseconds: number) => `to_timestamp(${milliseconds} / 1000.0)`,
};

let opened: PostgresTestDatabase;

beforeEach(async () => {
  opened = await openPostgresDatabase();
});

afterEach(async () => {
  vi.restoreAllMocks();
  await releaseHeld();
  await opened.close();
});

async function readTables(tableSchema = "public"): Promise<readonly string[]> {
  const { rows } = await opened.pool.query<{ readonly name: string }>(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $1 ORDER BY 1",
    [tableSchema],
  );
  return rows.map(({ name }) => name);
}

/** Reads the names of the relations, constraints, triggers and functions in a schema. */
async function readNames(schema: string): Promise<readonly object[]> {
  const { rows } = await opened.pool.query(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind <> 't'
    UNION ALL SELECT conname FROM pg_constraint WHERE connamespace = $1::regnamespace AND contype <> 'n'
    UNION ALL SELECT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid WHERE relnamespace = $1::regnamespace AND NOT tgisinternal
    UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = $1::regnamespace
    ORDER BY name`,
    [schema],
  );
  return rows;
}

async function readApplied(): Promise<readonly object[]> {
  const { rows } = await opened.pool.query("SELECT * FROM auth_migration");
  return rows;
}

const tables = [
  "auth_event",
  "auth_flow",
  "auth_lease",
  "auth_migration",
  "auth_rate_limit",
  "auth_session",
  "auth_token_cache",
  "auth_user",
  "auth_user_client",
];

const unprefixed = listUnprefixedMigrations(postgresMigrations);

async function run(statements: readonly string[]): Promise<void> {
  for (const statement of statements) await opened.pool.query(statement);
}

/** Creates a database with the first migrations, and with the rows of an app at each of them. */
async function rehearse(count: number): Promise<void> {
  const rows = Object.values(history).slice(0, count);
  const first = rows.slice(0, unprefixed.length);
  await run(listUnprefixedStatements("postgres", unprefixed.slice(0, count)));
  await run(first.flatMap(({ insertions }) => insertions(dialect)));
  if (count <= unprefixed.length) return;
  await applyMigrations(opened.pool, postgresMigrations.slice(0, count), {
    clientId,
  });
  const last = rows.slice(unprefixed.length);
  await run(last.flatMap(({ insertions }) => insertions(dialect)));
}

describe("postgresMigrations", () => {
  it("equals the SQL files", () => {
    const files = readdirSync(folder).filter((name) => name.endsWith(".sql"));
    const embedded = postgresMigrations.map(({ tag, statements }) => [
      `${tag}.sql`,
      statements.map((statement) => fillPrefix(statement, "auth_")),
    ]);

    expect(embedded).toEqual(
      files.toSorted().map((name) => [
        name,
        readFileSync(new URL(name, folder), "utf8")
          .split("--> statement-breakpoint")
          .map((statement) => statement.trim()),
      ]),
    );
  });

  it("produces the declared schema", async () => {
    const snapshots = readdirSync(new URL("meta/", folder)).filter((name) =>
      name.endsWith("_snapshot.json"),
    );
    const newest = JSON.parse(
      readFileSync(
        new URL(`meta/${snapshots.toSorted().at(-1)}`, folder),
        "utf8",
      ),
    );

    const { authMigration: _, ...tables } = createSchema();

    const missing = await generateMigration(
      newest,
      generateDrizzleJson(tables),
    );

    expect(missing).toEqual([]);
  });
});

describe("migratePostgres", () => {
  it("creates the tables of an empty database", async () => {
    await migratePostgres(opened.pool);

    expect(await readTables()).toEqual(tables);
  });

  it("creates them only in the schema of the connection's search path", async () => {
    await opened.pool.query("CREATE SCHEMA ours");
    const pool = opened.openPool({ options: "-c search_path=ours" });

    await migratePostgres(pool);

    expect(await readTables("ours")).toEqual(tables);
    expect(await readTables()).toEqual([]);
  });

  it("writes nothing the second time, so the database may be read-only", async () => {
    await migratePostgres(opened.pool);
    const before = await readApplied();
    const pool = opened.openPool({
      options: "-c default_transaction_read_only=on",
    });

    await migratePostgres(pool);

    expect(await readApplied()).toEqual(before);
    expect(before).toHaveLength(postgresMigrations.length);
  });

  it("applies the missing migrations in order", async () => {
    const first = { tag: "0000_first", statements: ["CREATE TABLE a (x int)"] };
    const second = {
      tag: "0001_second",
      statements: ["ALTER TABLE a ADD COLUMN y int", "CREATE INDEX b ON a (y)"],
    };
    await applyMigrations(opened.pool, [first]);

    await applyMigrations(opened.pool, [first, second]);

    expect(await readApplied()).toMatchObject(
      [first, second].map(({ tag }) => ({ tag })),
    );
  });

  it("is tested with rows of every migration", () => {
    expect(Object.keys(history)).toEqual(
      postgresMigrations.map(({ tag }) => tag),
    );
  });

  it.each(
    postgresMigrations.map(({ tag }, index) => [tag, index + 1] as const),
  )("upgrades a database of %s and keeps its rows", async (_, count) => {
    await rehearse(count);

    await migratePostgres(opened.pool, { clientId });

    const rows = Object.values(history).slice(0, count);
    const stores = createPostgresStores(opened.pool, { clientId });
    for (const { expectRows } of rows) await expectRows(stores);
  });

  it.each(unprefixed.map(({ tag }, index) => [tag, index + 1] as const))(
    "drops the rows of clients and warns when it upgrades a database of %s without a client ID",
    async (_, count) => {
      await rehearse(count);
      const warn = vi.spyOn(process, "emitWarning").mockReturnValue();

      await migratePostgres(opened.pool);

      expect(warn).toHaveBeenCalledOnce();
      const stores = createPostgresStores(opened.pool, { clientId });
      await expectUnclaimedRows(stores);
    },
  );

  it("does not warn of dropped rows if there were none", async () => {
    const warn = vi.spyOn(process, "emitWarning").mockReturnValue();

    await migratePostgres(opened.pool);

    expect(warn).not.toHaveBeenCalled();
  });

  it("gives an upgraded database the same names as a new database", async () => {
    await migratePostgres(opened.pool, { schema: "fresh" });
    for (const statement of listUnprefixedStatements("postgres", unprefixed))
      await opened.pool.query(statement);

    await migratePostgres(opened.pool);

    expect(await readNames("public")).toEqual(await readNames("fresh"));
  });

  it("does not change tables of the app, whatever their names", async () => {
    await opened.pool.query(
      `CREATE TABLE "user" (login text); INSERT INTO "user" VALUES ('grace'); CREATE TABLE session (x int); CREATE INDEX flow_expires_at ON session (x)`,
    );

    await migratePostgres(opened.pool);

    await addUser(createPostgresStores(opened.pool));
    const { rows } = await opened.pool.query(`SELECT login FROM "user"`);
    expect(rows).toEqual([{ login: "grace" }]);
  });

  it("separates tables with two prefixes and in two schemas, also on one connection", async () => {
    const pool = opened.openPool({ max: 1 });
    const names = [{}, { prefix: "crm_" }, { schema: "ours" }];
    for (const each of names) await migratePostgres(pool, each);
    const [first, ...others] = names.map((each) =>
      createPostgresStores(pool, each),
    );

    const user = first && (await addUser(first));

    expect(user && (await first.userStore.find(user.id))).toEqual(user);
    for (const { userStore } of others)
      expect(user && (await userStore.find(user.id))).toBeUndefined();
  });

  it("lists the names that are taken and changes nothing", async () => {
    await opened.pool.query(
      "CREATE TABLE auth_user (x int); CREATE VIEW auth_lease AS SELECT 1; CREATE INDEX auth_flow_expires_at ON auth_user (x); CREATE TYPE auth_flow AS ENUM ('x')",
    );

    const migrating = migratePostgres(opened.pool);

    await expect(migrating).rejects.toBeInstanceOf(SchemaError);
    await expect(migrating).rejects.toThrow(
      /already contains auth_flow, auth_user, auth_flow_expires_at, auth_lease,.* another schema/,
    );
    expect(await readTables()).toEqual(["auth_lease", "auth_user"]);
  });

  it.each([
    ["the journal", ["CREATE TABLE auth_migration (x int)"], "auth_migration"],
    [
      "a table without a prefix",
      [
        ...listUnprefixedStatements("postgres", postgresMigrations),
        "CREATE TABLE auth_flow (x int)",
      ],
      "auth_flow",
    ],
  ])("lists a taken name that it would give to %s", async (_, made, name) => {
    for (const statement of made) await opened.pool.query(statement);

    await expect(migratePostgres(opened.pool)).rejects.toMatchObject({
      name: "SchemaError",
      parts: [name],
    });
  });

  it("creates and finds the tables of a schema regardless of the search path", async () => {
    const names = { schema: "entrada" };
    await opened.pool.query(
      "CREATE SCHEMA elsewhere; CREATE TABLE auth_user (x int)",
    );
    const pool = opened.openPool({ options: "-c search_path=elsewhere" });
    await migratePostgres(pool, names);
    await migratePostgres(opened.pool, names);
    await checkPostgres(pool, names);

    const { id } = await addUser(createPostgresStores(pool, names));

    expect(
      await createPostgresStores(opened.pool, names).userStore.find(id),
    ).toBeDefined();
    expect(await readTables("entrada")).toEqual(tables);
    expect(await readTables("elsewhere")).toEqual([]);
  });

  it("refuses a database that a newer version has migrated and does not change it", async () => {
    await applyMigrations(opened.pool, [
      ...postgresMigrations,
      { tag: "9999_future", statements: ["CREATE TABLE f (x int)"] },
    ]);
    const before = await readTables();

    await expect(migratePostgres(opened.pool)).rejects.toThrow(
      /does not know: 9999_future/,
    );

    expect(await readTables()).toEqual(before);
  });

  it("changes nothing if a statement fails", async () => {
    const failing = {
      tag: "0000_failing",
      statements: ["CREATE TABLE a (x int)", "CREATE TABLE a (x int)"],
    };

    await expect(applyMigrations(opened.pool, [failing])).rejects.toThrow();

    expect(await readTables()).toEqual([]);
  });

  it("applies a statement that takes longer than the pool's timeouts", async () => {
    const pool = opened.openPool({
      statement_timeout: 100,
      query_timeout: 100,
    });
    const slow = {
      tag: "0000_slow",
      statements: ["SELECT pg_sleep(0.3)", "CREATE TABLE slow (x int)"],
    };

    await applyMigrations(pool, [slow]);

    expect(await readTables()).toContain("slow");
  });

  it("waits for another server that migrates, regardless of the pool's timeouts", async () => {
    const lock = await hold(
      opened.pool,
      `SELECT pg_advisory_xact_lock(${0x656e7472616461n})`,
    );
    const pool = opened.openPool({
      statement_timeout: 200,
      lock_timeout: 100,
      query_timeout: 200,
    });

    const migrating = migratePostgres(pool);
    await waitForWaiting(opened.pool, 1);
    await opened.pool.query("SELECT pg_sleep(0.3)");
    await lock.release();
    await migrating;

    expect(await readTables()).toEqual(tables);
  });
});

describe("migratePostgres with migrate: false", () => {
  const names = { prefix: "crm_", schema: "ours", migrate: false };

  it("changes nothing and accepts tables that the app's migrations made", async () => {
    const client = await opened.pool.connect();
    await client.query("CREATE SCHEMA ours; SET search_path = ours");
    for (const { statements } of postgresMigrations)
      for (const statement of statements)
        if (!/TRIGGER|FUNCTION/.test(statement))
          await client.query(fillPrefix(statement, "crm_"));
    await client.query("RESET search_path");
    await client.query(formatTriggers(names));
    client.release();
    const before = await readNames("ours");

    await migratePostgres(opened.pool, names);

    expect(await readNames("ours")).toEqual(before);
  });

  it("lists every missing table, column, index and trigger", async () => {
    await migratePostgres(opened.pool, { prefix: "crm_", schema: "ours" });
    await opened.pool.query(
      `SET search_path = ours;
      DROP TABLE crm_flow; DROP INDEX crm_user_tenant_id_object_id; DROP TRIGGER crm_event_refuses_change ON crm_event;
      CREATE INDEX crm_user_tenant_id_object_id ON crm_user (tenant_id, object_id);
      ALTER TABLE crm_session DROP COLUMN user_agent; ALTER TABLE crm_lease ALTER expires_at TYPE timestamp; RESET search_path`,
    );

    await expect(migratePostgres(opened.pool, names)).rejects.toMatchObject({
      name: "SchemaError",
      parts: [
        "table crm_flow",
        "column crm_lease.expires_at timestamp(3) with time zone",
        "column crm_session.user_agent text",
        "unique index crm_user_tenant_id_object_id",
        "trigger crm_event_refuses_change",
      ],
    });
  });

  it("lists every table of an empty database", async () => {
    await expect(
      migratePostgres(opened.pool, { migrate: false }),
    ).rejects.toThrow(
      /lacks table auth_event, table auth_flow, table auth_lease, table auth_rate_limit, table auth_session, table auth_token_cache, table auth_user/,
    );
  });
});
