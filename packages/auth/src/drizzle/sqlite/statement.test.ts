import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { performOperations } from "../../../test/support/operations.js";
import { openMigratedTestDatabase } from "../../../test/sqlite-test-database.js";
import type { TestDatabase } from "../../../test/sqlite-test-database.js";
import { createSqliteStores } from "./stores.js";

let opened: TestDatabase;

beforeEach(() => {
  opened = openMigratedTestDatabase();
});

afterEach(() => opened.close());

/** Returns the beginning of a statement: what it does, and to which table. */
function abbreviate(statement: string): string {
  const [, action = statement, table] =
    /^(insert|delete|select|update)\b.*?"(auth_\w+)"/.exec(
      statement.replace(/^select .* from /, "select from "),
    ) ?? [];
  return table === undefined ? action : `${action} ${table}`;
}

describe("createSqliteStores", () => {
  it("runs few statements for each operation, and one transaction for an admission", async () => {
    const statements: string[] = [];
    const database = new Database(opened.path, {
      verbose: (statement) => void statements.push(String(statement)),
    });

    const operations = await performOperations(
      createSqliteStores(database),
      async (act) => {
        statements.length = 0;
        await act();
        return statements.map(abbreviate);
      },
    );

    const admission = [
      "BEGIN IMMEDIATE",
      "insert auth_user",
      "select auth_user_client",
      "insert auth_user_client",
      "insert auth_session",
    ];
    const replacement = [
      ...admission,
      "delete auth_session",
      "insert auth_event",
      "insert auth_event",
      "COMMIT",
    ];
    expect(operations).toEqual({
      start: ["insert auth_rate_limit", "insert auth_flow"],
      "callback of a first sign-in": [
        "delete auth_flow",
        "select auth_user",
        ...admission,
        "insert auth_event",
        "COMMIT",
      ],
      me: ["select auth_session"],
      "callback of the next sign-in": [
        "delete auth_flow",
        "select auth_user",
        ...replacement,
      ],
      "callback of another user": [
        "delete auth_flow",
        "select auth_user",
        ...replacement,
        "delete auth_token_cache",
      ],
      logout: [
        "select auth_session",
        "delete auth_session",
        "delete auth_token_cache",
        "insert auth_event",
      ],
      "callback without a flow": ["select auth_flow", "insert auth_rate_limit"],
    });
    database.close();
  });

  it("prepares a statement when it is first used, once", async () => {
    const prepared: string[] = [];
    const database = new Proxy(opened.database, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        return (...values: readonly unknown[]) => {
          if (name === "prepare") prepared.push(abbreviate(String(values[0])));
          return Reflect.apply(value, target, values);
        };
      },
    });
    const { rateLimitStore } = createSqliteStores(database);
    const before = [...prepared];

    await rateLimitStore.count("login:203.0.113.7", 60);
    await rateLimitStore.count("login:203.0.113.7", 60);

    expect(before).toEqual([]);
    expect(prepared).toEqual(["insert auth_rate_limit"]);
  });
});
