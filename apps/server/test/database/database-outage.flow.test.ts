import { readFileSync, writeFileSync } from "node:fs";
import { builtInPeople } from "@entrada/entra-emulator";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withDatabase } from "../support/database-file.js";
import { startSite } from "../support/site.js";
import type { Site } from "../support/site.js";
import type {
  CallResponse,
  CallbackQuery,
  Visitor,
} from "../support/visitor.js";

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

function expectUnavailable(response: CallResponse<unknown>): void {
  expect(response.text).not.toMatch(/sqlite|no such table|\.db|\bat .+:\d+/i);
  expect(response).toMatchObject({
    status: 503,
    error: { data: { authCode: "store_unavailable", httpStatus: 503 } },
  });
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(response.headers.getSetCookie().join()).not.toMatch(/session-\d+=/);
}

/** Expects every procedure to report the outage, and none to report that the visitor is signed out. */
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

  it("[F40] that was unavailable during a callback keeps the flow, so that the same callback succeeds later", async () => {
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
        // A change by another connection, so that the server must read the pages again.
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

  it("that another process has locked for writing makes sign-ins wait and then fail, while reads succeed", async () => {
    const other = new Database(site.server.databasePath);
    other.exec("BEGIN IMMEDIATE");

    const completed: string[] = [];
    const logins = Array.from({ length: 10 }, async () => {
      const login = await visitor.mutate("auth.login", {});
      completed.push("login");
      return login;
    });
    // Sent concurrently with the sign-ins: on a busy machine those could time out first.
    const [me, health] = await Promise.all([
      visitor.query("auth.me"),
      visitor.browser.fetch(`${site.origin}/healthz`),
    ]);
    completed.push("health");
    const refused = await Promise.all(logins);
    other.exec("ROLLBACK");
    other.close();

    // The waiting sign-ins do not delay other requests.
    expect(completed[0]).toBe("health");
    for (const login of refused) expectUnavailable(login);
    expect(me.data?.user.name).toBe(ada.name);
    expect(health.status).toBe(200);
    await expectRecovery();
  });
});
