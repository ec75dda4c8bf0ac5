import { Client } from "pg";
import { pgTable, text, timestamp } from "drizzle-orm/pg-core";
import { describe, expect, it, vi } from "vitest";

import { openMigratedPostgresDatabase } from "../../../test/support/postgres-test-database.js";
import { describeUserExtension } from "../../../test/support/user-extension-contract.js";
import { addUser, startSession } from "../../testing/store-samples.js";
import { createSchema } from "./schema.js";
import { createPostgresStores } from "./stores.js";

const { authUser } = createSchema();

const member = pgTable("member", {
  userId: text("user_id")
    .primaryKey()
    .references(() => authUser.id, { onDelete: "cascade" }),
  nickname: text("nickname"),
  department: text("department"),
  joinedAt: timestamp("joined_at", { withTimezone: true }).notNull(),
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

async function openMemberDatabase() {
  const opened = await openMigratedPostgresDatabase();
  await opened.pool.query(
    `CREATE TABLE member (
      user_id text PRIMARY KEY REFERENCES auth_user (id) ON DELETE CASCADE,
      nickname text,
      department text,
      joined_at timestamptz NOT NULL
    )`,
  );
  return opened;
}

describeUserExtension("createPostgresStores", async () => {
  const { pool, close } = await openMemberDatabase();
  return {
    stores: createPostgresStores(pool, { extendUser }),
    addMember: async (userId, { nickname, department, joinedAt }) => {
      await pool.query("INSERT INTO member VALUES ($1, $2, $3, $4)", [
        userId,
        nickname,
        department,
        joinedAt,
      ]);
    },
    countStatements: async (action) => {
      const query = vi.spyOn(Client.prototype, "query");
      await action();
      const { length } = query.mock.calls;
      query.mockRestore();
      return length;
    },
    close,
  };
});

describe("createPostgresStores", () => {
  it("shares a connection with stores that read other columns", async () => {
    const { openPool, close } = await openMemberDatabase();
    const pool = openPool({ max: 1 });
    const plain = createPostgresStores(pool);
    const extended = createPostgresStores(pool, { extendUser });
    const shorter = createPostgresStores(pool, {
      extendUser: { ...extendUser, columns: { nickname: member.nickname } },
    });
    await addUser(plain);
    const { id } = await startSession(plain);

    const found = [
      await plain.sessionStore.find(id),
      await extended.sessionStore.find(id),
      await shorter.sessionStore.find(id),
    ];
    await close();

    expect(found.map((each) => Object.keys(each?.columns ?? {}))).toEqual([
      [],
      ["nickname", "department", "joinedAt"],
      ["nickname"],
    ]);
  });
});
