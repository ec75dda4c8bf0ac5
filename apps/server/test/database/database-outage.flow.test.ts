import { readFileSync, writeFileSync } from "node:fs";
import { builtInPeople } from "@entrada/entra-emulator";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withDatabase } from "../support/database-file.js";
import { startSite } from "../support/site.js";
import type { Site } from "../support/site.js";
import type { Answer, CallbackQuery, Visitor } from "../support/visitor.js";

const { ada } = builtInPeople;
const tables = [
  "auth_flow",
  "auth_user",
  "auth_user_client",
  "auth_session",
  "auth_token_cache",
];

let site: Site;
let visitor: Visitor;

beforeAll(async () => {
  site = await startSite();
  visitor = site.createVisitor();
  await visitor.signIn(ada.upn);
});

afterAll(async () => {
  await site?.stop();
});

async function readStatus(path: string): Promise<number> {
  return (await fetch(`${site.origin}${path}`)).status;
}

function expectUnavailable(answer: Answer<unknown>): void {
  expect(answer.text).not.toMatch(/sqlite|no such table|\.db|\bat .+:\d+/i);
  expect(answer).toMatchObject({
    status: 503,
    error: { data: { authCode: "store_unavailable", httpStatus: 503 } },
  });
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer.headers.getSetCookie().join()).not.toMatch(/session-\d+=/);
}

/** Shows that nothing pretends that nobody is signed in, or that somebody is. */
async function expectEverythingUnavailable(
  query: CallbackQuery,
): Promise<void> {
  expectUnavailable(await visitor.query("auth.me"));
  expectUnavailable(await visitor.query("workspace.greeting"));
  expectUnavailable(await visitor.mutate("auth.login", {}));
  expectUnavailable(await visitor.mutate("auth.callback", query));
  expectUnavailable(await visitor.mutate("auth.logout"));
  expect(await readStatus("/readyz")).toBe(503);
  expect(await readStatus("/healthz")).toBe(200);
}

async function expectRecovery(): Promise<void> {
  expect((await visitor.query("auth.me")).data?.user.name).toBe(ada.name);
  expect((await site.createVisitor().signIn(ada.upn)).status).toBe(200);
  expect(await readStatus("/readyz")).toBe(200);
}

function renameTables(from: string, to: string): void {
  withDatabase(site.server.databasePath, (database) => {
    database.pragma("legacy_alter_table = ON");
    for (const table of tables)
      database.exec(`ALTER TABLE "${from}${table}" RENAME TO "${to}${table}"`);
  });
}

describe("a database", () => {
  it("[R12] refuses every request while its tables are missing", async () => {
    const query = await visitor.reachCallback(ada.upn, {
      scopes: ["User.Read"],
    });

    renameTables("", "away_");
    await expectEverythingUnavailable(query);
    renameTables("away_", "");

    await expectRecovery();
  });

  it("[F40] that was away during a callback leaves the flow, so that the same callback succeeds later", async () => {
    const fresh = site.createVisitor();
    const query = await fresh.reachCallback(ada.upn);

    renameTables("", "away_");
    expectUnavailable(await fresh.mutate("auth.callback", query));
    renameTables("away_", "");
    const completed = await fresh.mutate("auth.callback", query);

    expect(completed.status).toBe(200);
    expect((await fresh.query("auth.me")).data?.user.name).toBe(ada.name);
  });

  it("refuses every request while its file is overwritten", async () => {
    const query = await visitor.reachCallback(ada.upn, {
      scopes: ["User.Read"],
    });
    const file = site.server.databasePath;
    const backUp = () =>
      withDatabase(file, (database) => {
        // A change of somebody else's: the server has to read its pages again.
        database.exec("UPDATE auth_user SET name = name");
        database.pragma("wal_checkpoint(TRUNCATE)");
        return readFileSync(file);
      });

    const content = backUp();
    writeFileSync(file, Buffer.alloc(content.length, "x"));
    await expectEverythingUnavailable(query);
    writeFileSync(file, content);

    await expectRecovery();
  });

  it("that another process holds for writing makes starts wait, then fail; reading goes on", async () => {
    const other = new Database(site.server.databasePath);
    other.exec("BEGIN IMMEDIATE");

    const answered: string[] = [];
    const logins = Array.from({ length: 10 }, async () => {
      const login = await visitor.mutate("auth.login", {});
      answered.push("login");
      return login;
    });
    // Sent with them, not one after the other: on a busy machine the starts would have waited long enough meanwhile.
    const [me, health] = await Promise.all([
      visitor.query("auth.me"),
      visitor.browser.fetch(`${site.origin}/healthz`),
    ]);
    answered.push("health");
    const refused = await Promise.all(logins);
    other.exec("ROLLBACK");
    other.close();

    // All of them wait at the same time, and nobody else waits for them.
    expect(answered[0]).toBe("health");
    for (const login of refused) expectUnavailable(login);
    expect(me.data?.user.name).toBe(ada.name);
    expect(health.status).toBe(200);
    await expectRecovery();
  });
});
