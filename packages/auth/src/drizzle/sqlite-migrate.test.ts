import { readdirSync, readFileSync } from "node:fs";
import {
  generateSQLiteDrizzleJson,
  generateSQLiteMigration,
} from "drizzle-kit/api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import {
  openInWalMode,
  openTestDatabase,
} from "../../test/sqlite-test-database.js";
import type { TestDatabase } from "../../test/sqlite-test-database.js";
import { applyMigrations, migrateSqlite } from "./sqlite-migrate.js";
import { sqliteMigrations } from "./sqlite-migrations.js";
import * as schema from "./sqlite-schema.js";

const folder = new URL("../../drizzle/sqlite/", import.meta.url);

let opened: TestDatabase;

beforeEach(() => {
  opened = openTestDatabase();
});

afterEach(() => opened.close());

function readTables(): unknown[] {
  return opened.database
    .prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )
    .pluck()
    .all();
}

const firstVersionRows = [
  "INSERT INTO user VALUES ('user-ada', 'tenant', 'object', 'subject', 'Ada', NULL, 'ada@contoso.test', '[]', '[]', 1, 2, 3)",
  "INSERT INTO session VALUES ('session-1', 'user-ada', 'digest', 'sid', NULL, 'partition', 'browser', 1, 2, 3, 4)",
  "INSERT INTO flow VALUES ('state', 'browser', 'nonce', 'sealed', '[]', 'https://app.test/', 'issuer', 1, 2)",
  "INSERT INTO token_cache VALUES ('partition', 'sealed', 7, 1)",
];

function readRows(table: string): object[] {
  return opened.database.prepare<[], object>(`SELECT * FROM ${table}`).all();
}

function readFirstVersionRows() {
  return {
    user: readRows("user"),
    session: readRows("session"),
    flow: readRows("flow"),
    tokenCache: readRows("token_cache"),
  };
}

describe("sqliteMigrations", () => {
  it("equals the SQL files", () => {
    const files = readdirSync(folder).filter((name) => name.endsWith(".sql"));
    const embedded = sqliteMigrations.map(({ tag, statements }) => [
      `${tag}.sql`,
      statements,
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

  it("leads to the schema as it is declared", async () => {
    const snapshots = readdirSync(new URL("meta/", folder)).filter((name) =>
      name.endsWith("_snapshot.json"),
    );
    const newest = JSON.parse(
      readFileSync(
        new URL(`meta/${snapshots.toSorted().at(-1)}`, folder),
        "utf8",
      ),
    );

    const missing = await generateSQLiteMigration(
      newest,
      await generateSQLiteDrizzleJson({ ...schema }),
    );

    expect(missing).toEqual([]);
  });
});

describe("migrateSqlite", () => {
  it("creates the tables of an empty database", () => {
    migrateSqlite(opened.database);

    expect(readTables()).toEqual([
      "auth_event",
      "entrada_migration",
      "flow",
      "lease",
      "rate_limit",
      "session",
      "token_cache",
      "user",
    ]);
  });

  it("does nothing the second time", () => {
    migrateSqlite(opened.database);
    const before = opened.database
      .prepare("SELECT * FROM entrada_migration")
      .all();

    migrateSqlite(opened.database);

    expect(
      opened.database.prepare("SELECT * FROM entrada_migration").all(),
    ).toEqual(before);
  });

  it("applies what is missing, in order", () => {
    const first = { tag: "0000_first", statements: ["CREATE TABLE a (x)"] };
    const second = {
      tag: "0001_second",
      statements: ["ALTER TABLE a ADD COLUMN y", "CREATE INDEX b ON a (y)"],
    };
    applyMigrations(opened.database, [first]);

    applyMigrations(opened.database, [first, second]);

    expect(
      opened.database
        .prepare("SELECT tag FROM entrada_migration")
        .pluck()
        .all(),
    ).toEqual(["0000_first", "0001_second"]);
  });

  it("upgrades a database of the first version and leaves its rows intact", () => {
    const { database } = opened;
    applyMigrations(database, sqliteMigrations.slice(0, 1));
    for (const insertion of firstVersionRows) database.exec(insertion);
    const before = readFirstVersionRows();

    migrateSqlite(database);

    const { flow, session, ...others } = readFirstVersionRows();
    expect({ flow, session, ...others }).toEqual({
      ...before,
      flow: before.flow.map((row) => ({ ...row, max_age_seconds: null })),
      session: before.session.map((row) => ({
        ...row,
        authenticated_at: null,
      })),
    });
    expect(Object.values(before).map(({ length }) => length)).toEqual([
      1, 1, 1, 1,
    ]);
  });

  it("upgrades a database of the second version and leaves its audit trail intact", () => {
    const { database } = opened;
    applyMigrations(database, sqliteMigrations.slice(0, 2));
    database.exec(
      "INSERT INTO auth_event (id, type, occurred_at) VALUES ('audit-1', 'user.enabled', 1), ('audit-2', 'user.disabled', 2)",
    );
    const before = readRows("auth_event");

    migrateSqlite(database);

    expect(before).toHaveLength(2);
    expect(readRows("auth_event")).toEqual(before);
    expect(() => database.exec("UPDATE auth_event SET code = NULL")).toThrow();
  });

  it("refuses a database that a newer version has migrated and leaves it alone", () => {
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

  it("keeps what refers to a table that a migration rebuilds", () => {
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

  it("refuses to leave rows that refer to nothing", () => {
    const { database } = opened;
    const orphaning = {
      tag: "0000_orphaning",
      statements: [
        "CREATE TABLE parent (id PRIMARY KEY)",
        "CREATE TABLE child (parent REFERENCES parent)",
        "INSERT INTO child VALUES (1)",
      ],
    };

    expect(() => applyMigrations(database, [orphaning])).toThrow(
      /refer to nothing/,
    );

    expect(readTables()).toEqual([]);
  });

  it("excludes other writers before it looks, and answers store_unavailable if one does not let go", () => {
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
