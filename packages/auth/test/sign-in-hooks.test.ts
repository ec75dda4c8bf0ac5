import type { Database } from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { AuthOptions } from "../src/core/options.js";
import { createSqliteStores } from "../src/drizzle/sqlite/stores.js";
import { createTestAuth } from "../src/testing/test-auth.js";
import { testPeople } from "../src/testing/provider/test-people.js";
import { openMigratedTestDatabase } from "./sqlite-test-database.js";
import type { TestDatabase } from "./sqlite-test-database.js";
import { openTrpcBrowser } from "./support/trpc-app.js";
import type { TrpcBrowser } from "./support/trpc-app.js";

// The hooks of an app with its own table, over HTTP and with a database.

const { ada } = testPeople;

let opened: TestDatabase;

beforeEach(() => {
  opened = openMigratedTestDatabase();
  opened.database.exec(
    `CREATE TABLE member (user_id TEXT PRIMARY KEY REFERENCES auth_user (id), visits INTEGER NOT NULL DEFAULT 0)`,
  );
});

afterEach(() => opened.close());

function open(
  hooks: Pick<AuthOptions, "onSignIn" | "onSignedIn">,
): TrpcBrowser {
  const stores = createSqliteStores(opened.database);
  return openTrpcBrowser(createTestAuth({ ...hooks, stores }));
}

function count(database: Database, table: string): unknown {
  return database.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
}

function insertOrIgnore(): Pick<AuthOptions, "onSignedIn"> {
  const insert = opened.database.prepare(
    "INSERT INTO member (user_id) VALUES (?) ON CONFLICT DO NOTHING",
  );
  return { onSignedIn: ({ user }) => insert.run(user.id) };
}

describe("a first sign-in", () => {
  it.each<[string, AuthOptions["onSignIn"], number]>([
    ["refuses", () => ({ refuse: "Ask us for an invitation." }), 403],
    [
      "throws",
      () => {
        throw new Error("The licence database does not respond.");
      },
      500,
    ],
  ])(
    "[U9] stores no user if onSignIn %s, and the next sign-in creates the user",
    async (_, decide, status) => {
      const decisions = [decide, () => undefined];
      const browser = open({
        onSignIn: (signIn) => decisions.shift()?.(signIn),
      });

      const refused = await browser.signIn(ada);
      const users = count(opened.database, "auth_user");
      const admitted = await browser.signIn(ada);

      expect(refused.status).toBe(status);
      expect(users).toBe(0);
      expect(admitted.json).toMatchObject({
        result: { data: { isNewUser: true } },
      });
    },
  );
});

describe("an app's own row for the user", () => {
  it("exists once after several sign-ins", async () => {
    const browser = open(insertOrIgnore());

    await browser.signIn(ada);
    await browser.signIn(ada);

    expect(count(opened.database, "member")).toBe(1);
  });

  it("is created by the next sign-in after a failure, which leaves the browser signed out", async () => {
    const browser = open(insertOrIgnore());
    opened.database.exec(
      "CREATE TRIGGER refusal BEFORE INSERT ON member BEGIN SELECT RAISE(ABORT, 'no'); END",
    );

    const failed = await browser.signIn(ada);
    const me = await browser.call("auth.me");
    const sessions = count(opened.database, "auth_session");
    opened.database.exec("DROP TRIGGER refusal");
    const next = await browser.signIn(ada);

    expect(failed.status).toBe(500);
    expect(failed.text).not.toMatch(/RAISE|SQLITE|member/);
    expect(me.json).toEqual({ result: { data: null } });
    expect(sessions).toBe(0);
    expect(next.json).toMatchObject({ result: { data: { isNewUser: false } } });
    expect(count(opened.database, "member")).toBe(1);
  });
});
