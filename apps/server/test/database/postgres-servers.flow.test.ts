import { builtInPeople } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startPostgresServer } from "../../../../packages/auth/test/support/postgres-server.js";
import type { PostgresServer } from "../../../../packages/auth/test/support/postgres-server.js";
import { startServerGroup } from "../support/server-group.js";
import type { ServerGroup } from "../support/server-group.js";

const { ada } = builtInPeople;
const serverCount = 3;
const sessionCookie = "__Host-Http-session";

let postgres: PostgresServer;
let group: ServerGroup;

beforeAll(async () => {
  postgres = await startPostgresServer();
  // The servers start at once, and each finds an empty database.
  group = await startServerGroup(serverCount, { DATABASE_URL: postgres.url() });
}, 120_000);

afterAll(async () => {
  await group?.stop();
  await postgres?.close();
});

describe("three servers on one PostgreSQL", () => {
  it("complete each other's sign-ins, share the session, and end it everywhere at once", async () => {
    const visitor = group.createVisitor(0);
    const query = await visitor.reachCallback(ada.upn);

    visitor.goTo(1);
    const callback = await visitor.mutate("auth.callback", query);
    const session = visitor.cookies().get(sessionCookie) ?? "";
    const everywhere = [];
    for (let index = 0; index < serverCount; index += 1) {
      visitor.goTo(index);
      everywhere.push((await visitor.query("auth.me")).data?.session.id);
    }
    visitor.goTo(0);
    await visitor.mutate("auth.logout");
    visitor.browser.setCookie(group.appUrl, sessionCookie, session);
    const afterwards = [];
    for (let index = 0; index < serverCount; index += 1) {
      visitor.goTo(index);
      afterwards.push((await visitor.query("auth.me")).data);
    }

    expect(callback.data.isNewUser).toBe(true);
    const [id] = session.split(".");
    expect(everywhere).toEqual([id, id, id]);
    expect(afterwards).toEqual([null, null, null]);
  });
});
