import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { openMigratedTestDatabase } from "../../test/sqlite-test-database.js";
import type { TestDatabase } from "../../test/sqlite-test-database.js";
import {
  brand,
  createProfile,
  createSession,
  now,
} from "../testing/store-samples.js";
import { createSqliteStores } from "./sqlite-stores.js";

let opened: TestDatabase;

beforeEach(() => {
  opened = openMigratedTestDatabase();
});

afterEach(() => opened.close());

/** Answers the SQL of every statement that the stores prepare. */
function listStatements(): string[] {
  const prepare = vi.spyOn(opened.database, "prepare");
  createSqliteStores(opened.database);
  const statements = prepare.mock.calls.map(([source]) => source);
  prepare.mockRestore();
  return statements;
}

function explain(statement: string): string[] {
  const parameters = Array.from(statement.matchAll(/\?/g), () => null);
  const plan = opened.database.prepare<null[], { detail: string }>(
    `EXPLAIN QUERY PLAN ${statement}`,
  );
  return plan.all(...parameters).map(({ detail }) => detail);
}

describe("the SQLite tables", () => {
  it("let every statement of the stores find its rows by index", () => {
    const statements = listStatements();

    const plans = statements.map((statement) => ({
      statement,
      plan: explain(statement),
    }));

    const wasteful = plans.filter(({ plan }) =>
      plan.some((step) => /^SCAN|TEMP B-TREE/.test(step)),
    );
    expect(wasteful).toEqual([]);
    expect(statements.length).toBeGreaterThanOrEqual(19);
  });

  it("let a deleted user find their sessions by index", () => {
    expect(explain("DELETE FROM session WHERE user_id = ?").join()).toContain(
      "session_user_id",
    );
  });

  it("keep secrets as digests or sealed, and nothing else that could let anybody in", () => {
    const columns = opened.database
      .prepare<[], string>(
        "SELECT p.name FROM sqlite_schema s JOIN pragma_table_info(s.name) p WHERE s.type = 'table'",
      )
      .pluck()
      .all();

    const sensitive = columns.filter((name) =>
      /secret|token|verifier|state|cache|code|password|cookie/.test(name),
    );

    expect(sensitive.toSorted()).toEqual([
      "browser_token_digest",
      "sealed_cache",
      "sealed_code_verifier",
      "secret_digest",
      "state_digest",
    ]);
  });

  it("hold instants as whole milliseconds and lists as JSON", async () => {
    const { userStore } = createSqliteStores(opened.database);
    await userStore.upsert(
      brand("user-ada"),
      createProfile({ groups: [] }),
      now,
    );

    const row = opened.database
      .prepare(
        "SELECT created_at, typeof(created_at) AS type, roles, groups FROM user",
      )
      .get();

    expect(row).toEqual({
      created_at: 1772355600123,
      type: "integer",
      roles: '["Admin","Reader"]',
      groups: "[]",
    });
  });

  it("forget a user's sessions with the user", async () => {
    const { userStore, sessionStore } = createSqliteStores(opened.database);
    const { id } = await userStore.upsert(
      brand("user-ada"),
      createProfile(),
      now,
    );
    await sessionStore.start(createSession());

    opened.database.prepare("DELETE FROM user WHERE id = ?").run(id);

    await expect(
      sessionStore.find(createSession().id),
    ).resolves.toBeUndefined();
  });
});
