import Database from "better-sqlite3";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { pgTable, text as pgText } from "drizzle-orm/pg-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { openMigratedTestDatabase } from "../../../test/sqlite-test-database.js";
import type { TestDatabase } from "../../../test/sqlite-test-database.js";
import { describeUserExtension } from "../../../test/support/user-extension-contract.js";
import { createSchema } from "./schema.js";
import { createSqliteStores } from "./stores.js";

const { authUser } = createSchema();

const member = sqliteTable("member", {
  userId: text("user_id")
    .primaryKey()
    .references(() => authUser.id, { onDelete: "cascade" }),
  nickname: text("nickname"),
  department: text("department"),
  joinedAt: integer("joined_at", { mode: "timestamp" }).notNull(),
});

const extendUser = {
  table: member,
  userId: member.userId,
  columns: {
    nickname: member.nickname,
    department: member.department,
    joinedAt: member.joinedAt,
  },
};

function createMemberTable({ database }: TestDatabase): void {
  database.exec(
    `CREATE TABLE member (
      user_id TEXT PRIMARY KEY REFERENCES auth_user (id) ON DELETE CASCADE,
      nickname TEXT,
      department TEXT,
      joined_at INTEGER NOT NULL
    )`,
  );
}

describeUserExtension("createSqliteStores", async () => {
  const opened = openMigratedTestDatabase();
  createMemberTable(opened);
  let count = 0;
  const verbose = () => {
    count += 1;
  };
  const database = new Database(opened.path, { verbose });
  return {
    stores: createSqliteStores(database, { extendUser }),
    addMember: async (userId, { nickname, department, joinedAt }) => {
      opened.database
        .prepare("INSERT INTO member VALUES (?, ?, ?, ?)")
        .run(userId, nickname, department, joinedAt.getTime() / 1000);
    },
    countStatements: async (action) => {
      count = 0;
      await action();
      return count;
    },
    close: async () => {
      database.close();
      opened.close();
    },
  };
});

describe("createSqliteStores", () => {
  let opened: TestDatabase;

  beforeEach(() => {
    opened = openMigratedTestDatabase();
    createMemberTable(opened);
  });

  afterEach(() => opened.close());

  it("refuses a column with the name of a field of every user", () => {
    const columns: object = { roles: member.department };

    expect(() =>
      createSqliteStores(opened.database, {
        extendUser: { ...extendUser, columns },
      }),
    ).toThrow(
      new TypeError(
        "extendUser.columns.roles has the name of a field that every user has. Choose another name.",
      ),
    );
  });

  it("refuses a table and columns of another database", () => {
    const other = pgTable("member", { userId: pgText("user_id") });

    expect(() =>
      createSqliteStores(opened.database, {
        extendUser: { ...extendUser, table: other },
      }),
    ).toThrow(
      new TypeError(
        "extendUser.table must be a table of drizzle-orm/sqlite-core.",
      ),
    );
    expect(() =>
      createSqliteStores(opened.database, {
        extendUser: { ...extendUser, columns: { nickname: other.userId } },
      }),
    ).toThrow(
      new TypeError(
        "extendUser.columns.nickname must be a column of drizzle-orm/sqlite-core.",
      ),
    );
  });
});
