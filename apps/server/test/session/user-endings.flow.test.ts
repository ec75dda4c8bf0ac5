import { builtInPeople } from "@entrada/entra-emulator";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countRows, withDatabase } from "../support/database-file.js";
import { createGate } from "../support/provider/gate.js";
import { startServerGroup } from "../support/server-group.js";
import type { BalancedVisitor, ServerGroup } from "../support/server-group.js";
import type { Visitor } from "../support/visitor.js";

const { ada, ben, max, nora } = builtInPeople;

let group: ServerGroup;
let administrator: Visitor;

beforeAll(async () => {
  group = await startServerGroup(2);
  administrator = group.createVisitor(0);
  await administrator.signIn(ada.upn);
});

afterAll(async () => {
  await group?.stop();
});

async function signIn(upn: string, index: number): Promise<BalancedVisitor> {
  const visitor = group.createVisitor(index);
  await visitor.signIn(upn);
  return visitor;
}

async function isSignedIn(visitor: Visitor): Promise<boolean> {
  return (await visitor.query("auth.me")).data !== null;
}

async function userIdOf(visitor: Visitor): Promise<string> {
  return (await visitor.query("auth.me")).data?.user.id ?? "";
}

function countSessions(userId: string): unknown {
  return withDatabase(group.databasePath, (database) =>
    database
      .prepare("SELECT count(*) FROM auth_session WHERE user_id = ?")
      .pluck()
      .get(userId),
  );
}

describe("a user who is disabled", () => {
  it("[U5] has no session on any server from the next request on (ASVS 7.4.2)", async () => {
    const [here, there] = [
      await signIn(nora.upn, 0),
      await signIn(nora.upn, 1),
    ];
    const userId = await userIdOf(there);
    await isSignedIn(here);

    const { data } = await administrator.mutate("admin.users.disable", {
      userId,
    });

    expect(data.endedSessions).toBe(2);
    for (const visitor of [here, there])
      for (const index of [0, 1]) {
        visitor.goTo(index);
        expect(await isSignedIn(visitor)).toBe(false);
        expect((await visitor.query("workspace.greeting")).status).toBe(401);
      }
    expect(countSessions(userId)).toBe(0);
  });

  it("[U6] gets no session from a pending sign-in", async () => {
    const userId = await userIdOf(await signIn(ben.upn, 1));
    const visitor = group.createVisitor(1);
    const query = await visitor.reachCallback(ben.upn);
    const gate = createGate();
    const removeHold = group.emulator.control.setFault({
      type: "delay",
      endpoint: "token",
      delayMilliseconds: 0,
      until: gate.pass,
    });

    const completing = visitor.mutate("auth.callback", query);
    await gate.waitForArrivals(1);
    await administrator.mutate("admin.users.disable", { userId });
    gate.open();
    const refused = await completing;
    removeHold();

    expect(refused.status).toBe(403);
    expect(refused.error?.data.authCode).toBe("user_disabled");
    expect(refused.headers.getSetCookie().join()).not.toMatch(
      /session-\d+=[^;]/,
    );
    expect(await isSignedIn(visitor)).toBe(false);
    expect(countSessions(userId)).toBe(0);
  });
});

describe("a user who is deleted", () => {
  it("[U7] has no session on any server from the next request on, and becomes a new user at the next sign-in (ASVS 7.4.2)", async () => {
    const [here, there] = [await signIn(max.upn, 0), await signIn(max.upn, 1)];
    const userId = await userIdOf(here);

    withDatabase(group.databasePath, (database) =>
      database.prepare("DELETE FROM auth_user WHERE id = ?").run(userId),
    );

    expect(await isSignedIn(here)).toBe(false);
    expect(await isSignedIn(there)).toBe(false);
    expect(countSessions(userId)).toBe(0);
    const again = (await group.createVisitor().signIn(max.upn)).data;
    expect(again.isNewUser).toBe(true);
    expect(again.user.id).not.toBe(userId);
    expect(await isSignedIn(here)).toBe(false);
  });

  it("[U7] is signed out even if their sessions are still in the database", async () => {
    const visitor = await signIn(max.upn, 0);
    const { session } = countRows(group.databasePath);
    const userId = await userIdOf(visitor);
    const database = new Database(group.databasePath, { timeout: 5000 });
    database.pragma("foreign_keys = OFF");

    database.prepare("DELETE FROM auth_user WHERE id = ?").run(userId);
    database.close();

    expect(countRows(group.databasePath).session).toBe(session);
    expect(await isSignedIn(visitor)).toBe(false);
    expect((await visitor.query("workspace.greeting")).status).toBe(401);
    const again = await group.createVisitor().signIn(max.upn);
    expect(again.data.user.id).not.toBe(userId);
    expect(await isSignedIn(visitor)).toBe(false);
  });
});
