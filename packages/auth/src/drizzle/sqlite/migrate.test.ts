import { readdirSync, readFileSync } from "node:fs";
import Database from "better-sqlite3";
import {
  generateSQLiteDrizzleJson,
  generateSQLiteMigration,
} from "drizzle-kit/api";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import {
  openInWalMode,
  openTestDatabase,
} from "../../../test/sqlite-test-database.js";
import type { TestDatabase } from "../../../test/sqlite-test-database.js";
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
import { applyMigrations, migrateSqlite } from "./migrate.js";
import { sqliteMigrations } from "./migrations.js";
import { fillPrefix } from "../migration.js";
import { createSchema } from "./schema.js";
import { SchemaError } from "../schema-error.js";
import { createSqliteStores } from "./stores.js";
import { formatTriggers } from "./migration/triggers.js";

const folder = new URL("../../../drizzle/sqlite/", import.meta.url);

let opened: TestDatabase;

beforeEach(() => {
  opened = openTestDatabase();
});

afterEach(() => {
  vi.restoreAllMocks();
  opened.close();
});

function readTables(): unknown[] {
  return opened.database
    .prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )
    .pluck()
    .all();
}

function readNames(database: Database.Database): unknown[] {
  return database
    .prepare("SELECT type, name, tbl_name FROM sqlite_schema ORDER BY name")
    .all();
}

/** For every migration: the rows that an app stored when it was the newest, and how to read them now. */
const history: Readonly<Record<string, HistoricRows>> = {
  "0000_initial": { insertions: initialRows, expectRows: expectInitialRows },
  "0001_audit_trail": {
    insertions: auditTrailRows,
    expectRows: expectAuditTrailRows,
  },
  "0002_housekeeping": {
    insertions: housekeepingRows,
    expectRows: expectHousekeepingRows,
  },
  "0003_clients": { insertions: clientRows, expectRows: expectClientRows },
  "0004_user_events": {
    insertions: userEventRows,
    expectRows: expectUserEventRows,
  },
};

const dialect = { instant: String };

const unprefixed = listUnprefixedMigrations(sqliteMigrations);

function run(statements: readonly string[]): void {
  for (const statement of statements) opened.database.exec(statement);
}

/** Creates a database with the first migrations, and with the rows of an app at each of them. */
function rehearse(count: number): void {
  const rows = Object.values(history).slice(0, count);
  const first = rows.slice(0, unprefixed.length);
  run(listUnprefixedStatements("sqlite", unprefixed.slice(0, count)));
  run(first.flatMap(({ insertions }) => insertions(dialect)));
  if (count <= unprefixed.length) return;
  applyMigrations(opened.database, sqliteMigrations.slice(0, count), {
    clientId,
  });
  const last = rows.slice(unprefixed.length);
  run(last.flatMap(({ insertions }) => insertions(dialect)));
}

describe("sqliteMigrations", () => {
  it("equals the SQL files", () => {
    const files = readdirSync(folder).filter((name) => name.endsWith(".sql"));
    const embedded = sqliteMigrations.map(({ tag, statements }) => [
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

    const missing = await generateSQLiteMigration(
      newest,
      await generateSQLiteDrizzleJson(tables),
    );

    expect(missing).toEqual([]);
  });
});

describe("migrateSqlite", () => {
  it("creates the tables of an empty database", () => {
    migrateSqlite(opened.database);

    expect(readTables()).toEqual([
      "auth_event",
      "auth_flow",
      "auth_lease",
      "auth_migration",
      "auth_rate_limit",
      "auth_session",
      "auth_token_cache",
      "auth_user",
      "auth_user_client",
    ]);
  });

  it("does nothing the second time", () => {
    migrateSqlite(opened.database);
    const before = opened.database
      .prepare("SELECT * FROM auth_migration")
      .all();

    migrateSqlite(opened.database);

    expect(
      opened.database.prepare("SELECT * FROM auth_migration").all(),
    ).toEqual(before);
  });

  it("applies the missing migrations in order", () => {
    const first = { tag: "0000_first", statements: ["CREATE TABLE a (x)"] };
    const second = {
      tag: "0001_second",
      statements: ["ALTER TABLE a ADD COLUMN y", "CREATE INDEX b ON a (y)"],
    };
    applyMigrations(opened.database, [first]);

    applyMigrations(opened.database, [first, second]);

    expect(
      opened.database.prepare("SELECT tag FROM auth_migration").pluck().all(),
    ).toEqual(["0000_first", "0001_second"]);
  });

  it("is tested with rows of every migration", () => {
    expect(Object.keys(history)).toEqual(
      sqliteMigrations.map(({ tag }) => tag),
    );
  });

  it.each(sqliteMigrations.map(({ tag }, index) => [tag, index + 1] as const))(
    "upgrades a database of %s and keeps its rows",
    async (_, count) => {
      rehearse(count);

      migrateSqlite(opened.database, { clientId });

      const rows = Object.values(history).slice(0, count);
      const stores = createSqliteStores(opened.database, { clientId });
      for (const { expectRows } of rows) await expectRows(stores);
    },
  );

  it.each(unprefixed.map(({ tag }, index) => [tag, index + 1] as const))(
    "drops the rows of clients and warns when it upgrades a database of %s without a client ID",
    async (_, count) => {
      rehearse(count);
      const warn = vi.spyOn(process, "emitWarning").mockReturnValue();

      migrateSqlite(opened.database);

      expect(warn).toHaveBeenCalledOnce();
      const stores = createSqliteStores(opened.database, { clientId });
      await expectUnclaimedRows(stores);
    },
  );

  it("does not warn of dropped rows if there were none", () => {
    const warn = vi.spyOn(process, "emitWarning").mockReturnValue();

    migrateSqlite(opened.database);

    expect(warn).not.toHaveBeenCalled();
  });

  it("gives a database of any version the same names as a new database", () => {
    migrateSqlite(opened.database);
    const names = readNames(opened.database);

    const upgraded = unprefixed.map((_, index) => {
      const database = new Database(":memory:");
      for (const statement of listUnprefixedStatements(
        "sqlite",
        unprefixed.slice(0, index + 1),
      ))
        database.exec(statement);
      migrateSqlite(database);
      return readNames(database);
    });

    expect(upgraded).toEqual(unprefixed.map(() => names));
  });

  it("does not change tables of the app, whatever their names", async () => {
    const { database } = opened;
    database.exec(
      "CREATE TABLE user (login); INSERT INTO user VALUES ('grace'); CREATE TABLE session (x); CREATE INDEX flow_expires_at ON session (x)",
    );

    migrateSqlite(database);

    await addUser(createSqliteStores(database));
    expect(database.prepare("SELECT * FROM user").all()).toEqual([
      { login: "grace" },
    ]);
    expect(database.prepare("SELECT * FROM session").all()).toEqual([]);
  });

  it("separates tables with two prefixes", async () => {
    const { database } = opened;
    migrateSqlite(database);
    migrateSqlite(database, { prefix: "crm_" });
    const ours = createSqliteStores(database);
    const theirs = createSqliteStores(database, { prefix: "crm_" });

    const { id } = await addUser(ours);

    expect(await ours.userStore.find(id)).toBeDefined();
    expect(await theirs.userStore.find(id)).toBeUndefined();
    expect(
      readTables().filter((name) => String(name).startsWith("crm_")),
    ).toHaveLength(9);
  });

  it("does not rename tables without a prefix if the prefix is not the default", () => {
    const { database } = opened;
    for (const statement of listUnprefixedStatements("sqlite", unprefixed))
      database.exec(statement);

    migrateSqlite(database, { prefix: "crm_" });

    expect(readTables()).toEqual(
      expect.arrayContaining(["entrada_migration", "user", "crm_user"]),
    );
  });

  it("lists the names that are taken and changes nothing", () => {
    const { database } = opened;
    database.exec(
      "CREATE TABLE auth_user (x); CREATE TABLE auth_lease (x); CREATE INDEX auth_flow_expires_at ON auth_user (x)",
    );

    const migrate = () => migrateSqlite(database);

    expect(migrate).toThrow(SchemaError);
    expect(migrate).toThrow(
      /already contains auth_flow_expires_at, auth_user, auth_lease,.* another prefix/,
    );
    expect(readTables()).toEqual(["auth_lease", "auth_user"]);
  });

  it.each([
    ["the journal", ["CREATE TABLE auth_migration (x)"], "auth_migration"],
    [
      "a table without a prefix",
      [
        ...listUnprefixedStatements("sqlite", sqliteMigrations),
        "CREATE TABLE auth_flow (x)",
      ],
      "auth_flow",
    ],
  ])("lists a taken name that it would give to %s", (_, made, name) => {
    for (const statement of made) opened.database.exec(statement);

    expect(() => migrateSqlite(opened.database)).toThrow(
      expect.objectContaining({ name: "SchemaError", parts: [name] }),
    );
  });

  it("ignores broken references between the app's own tables", () => {
    opened.database.pragma("foreign_keys = OFF");
    opened.database.exec(
      "CREATE TABLE parent (id PRIMARY KEY); CREATE TABLE child (parent REFERENCES parent); INSERT INTO child VALUES (1)",
    );

    expect(() => migrateSqlite(opened.database)).not.toThrow();
  });

  it("refuses a database that a newer version has migrated and does not change it", () => {
    applyMigrations(opened.database, [
      ...sqliteMigrations,
      { tag: "9999_future", statements: ["CREATE TABLE f (x)"] },
    ]);
    const tables = readTables();

    expect(() => migrateSqlite(opened.database)).toThrow(
      /does not know: 9999_future/,
    );

    expect(readTables()).toEqual(tables);
  });

  it("changes nothing if a statement fails", () => {
    const failing = {
      tag: "0000_failing",
      statements: ["CREATE TABLE a (x)", "CREATE TABLE a (x)"],
    };

    expect(() => applyMigrations(opened.database, [failing])).toThrow();

    expect(readTables()).toEqual([]);
  });

  it("keeps rows that refer to a table that a migration rebuilds", () => {
    const { database } = opened;
    applyMigrations(database, [
      {
        tag: "0000_first",
        statements: [
          "CREATE TABLE parent (id PRIMARY KEY)",
          "CREATE TABLE child (parent REFERENCES parent ON DELETE CASCADE)",
        ],
      },
    ]);
    database.exec(
      "INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1)",
    );
    const first = { tag: "0000_first", statements: [] };
    const rebuild = {
      tag: "0001_rebuild",
      statements: [
        "CREATE TABLE new_parent (id PRIMARY KEY, name)",
        "INSERT INTO new_parent SELECT id, NULL FROM parent",
        "DROP TABLE parent",
        "ALTER TABLE new_parent RENAME TO parent",
      ],
    };

    applyMigrations(database, [first, rebuild]);

    expect(database.prepare("SELECT * FROM child").all()).toHaveLength(1);
    expect(database.pragma("foreign_keys", { simple: true })).toBe(1);
  });

  it("refuses to leave broken references", () => {
    const { database } = opened;
    const orphaning = {
      tag: "0000_orphaning",
      statements: [
        "CREATE TABLE auth_parent (id PRIMARY KEY)",
        "CREATE TABLE child (parent REFERENCES auth_parent)",
        "INSERT INTO child VALUES (1)",
      ],
    };

    expect(() => applyMigrations(database, [orphaning])).toThrow(
      /broken references/,
    );

    expect(readTables()).toEqual([]);
  });

  it("locks out other writers before it reads, and throws store_unavailable if a writer holds its lock", () => {
    migrateSqlite(opened.database);
    const other = openInWalMode(opened.path);
    other.exec("BEGIN IMMEDIATE");
    opened.database.pragma("busy_timeout = 0");

    expect(() => migrateSqlite(opened.database)).toThrow(
      expect.objectContaining({ code: "store_unavailable" }),
    );

    other.close();
  });
});

describe("migrateSqlite with migrate: false", () => {
  const names = { prefix: "crm_", migrate: false };

  it("changes nothing and accepts tables that the app's migrations made", () => {
    const { database } = opened;
    for (const { statements } of sqliteMigrations)
      for (const statement of statements)
        if (!statement.includes("TRIGGER"))
          database.exec(fillPrefix(statement, "crm_"));
    database.exec(formatTriggers(names));
    const before = readNames(database);

    migrateSqlite(database, names);

    expect(readNames(database)).toEqual(before);
  });

  it("lists every missing table, column, index and trigger", () => {
    const { database } = opened;
    migrateSqlite(database, { prefix: "crm_" });
    database.exec(
      `DROP TABLE crm_flow; DROP INDEX crm_user_tenant_id_object_id; DROP TRIGGER crm_event_refuses_update;
      CREATE INDEX crm_user_tenant_id_object_id ON crm_user (tenant_id, object_id);
      ALTER TABLE crm_session DROP COLUMN user_agent; ALTER TABLE crm_lease RENAME holder TO owner`,
    );

    const migrate = () => migrateSqlite(database, names);

    expect(migrate).toThrow(
      expect.objectContaining({
        name: "SchemaError",
        parts: [
          "table crm_flow",
          "column crm_lease.holder text",
          "column crm_session.user_agent text",
          "unique index crm_user_tenant_id_object_id",
          "trigger crm_event_refuses_update",
        ],
      }),
    );
    expect(migrate).toThrow(/lacks table crm_flow, .* formatTriggers/);
  });

  it("lists every table of an empty database", () => {
    expect(() => migrateSqlite(opened.database, { migrate: false })).toThrow(
      /lacks table auth_event, table auth_flow, table auth_lease, table auth_rate_limit, table auth_session, table auth_token_cache, table auth_user/,
    );
  });
});
