import { builtInPeople } from "@entrada/entra-emulator";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startPostgresServer } from "../../../../packages/auth/test/support/postgres-server.js";
import type { PostgresServer } from "../../../../packages/auth/test/support/postgres-server.js";
import { startServerGroup } from "../support/server-group.js";
import type { ServerGroup } from "../support/server-group.js";
import type { CallbackQuery } from "../support/visitor.js";

const { ada, ben } = builtInPeople;
const serverCount = 3;
const callbackCount = 100;
const sessionCookie = "__Host-Http-session";

let postgres: PostgresServer;
let group: ServerGroup;

beforeAll(async () => {
  postgres = await startPostgresServer();
  // All at once: each of them finds an empty database.
  group = await startServerGroup(serverCount, { DATABASE_URL: postgres.url() });
}, 120_000);

afterAll(async () => {
  await group?.stop();
  await postgres?.close();
});

async function connect(): Promise<Client> {
  const client = new Client({ connectionString: postgres.url() });
  await client.connect();
  return client;
}

async function count(client: Client, question: string): Promise<number> {
  const { rows } = await client.query<{ readonly count: number }>(
    `SELECT count(*)::integer AS count FROM ${question}`,
  );
  return rows[0]?.count ?? 0;
}

async function deliver(
  index: number,
  query: CallbackQuery,
  cookie: string,
): Promise<number> {
  const origin = group.servers[index % serverCount]?.origin ?? "";
  const answer = await fetch(`${origin}/trpc/auth.callback`, {
    method: "POST",
    headers: { "x-csrf": "1", "content-type": "application/json", cookie },
    body: JSON.stringify(query),
  });
  await answer.arrayBuffer();
  return answer.status;
}

describe("three servers on one PostgreSQL", () => {
  it("complete each other's sign-ins, know the session everywhere, and forget it at once", async () => {
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

  it("make one user of somebody who signs in on all of them for the first time", async () => {
    const answers = await Promise.all(
      [0, 1, 2].map((index) => group.createVisitor(index).signIn(ben.upn)),
    );

    const users = new Set(answers.map(({ data }) => data.user.id));
    expect(users.size).toBe(1);
    expect(answers.filter(({ data }) => data.isNewUser)).toHaveLength(1);
  });

  it("start one session when a hundred callbacks bring one state to all of them", async () => {
    const visitor = group.createVisitor();
    const query = await visitor.reachCallback(ada.upn);
    const cookie = [...visitor.cookies()]
      .map((pair) => pair.join("="))
      .join("; ");
    const client = await connect();
    const [sessions, flows] = [
      await count(client, "auth_session"),
      await count(client, "auth_flow"),
    ];
    group.emulator.control.clearRequests();
    // Whoever wants the flow waits for this transaction: one callback of each server meets the others there.
    const holder = await connect();
    await holder.query("BEGIN");
    await holder.query("SELECT FROM auth_flow FOR UPDATE");

    const first = [0, 1, 2].map((index) => deliver(index, query, cookie));
    await vi.waitFor(async () =>
      expect(
        await count(
          client,
          "pg_stat_activity WHERE application_name = 'entrada' AND wait_event_type = 'Lock'",
        ),
      ).toBe(serverCount),
    );
    const others = Array.from(
      { length: callbackCount - serverCount },
      (_, index) => deliver(index, query, cookie),
    );
    await holder.query("ROLLBACK");
    const statuses = await Promise.all([...first, ...others]);

    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 400)).toHaveLength(
      callbackCount - 1,
    );
    expect(await count(client, "auth_session")).toBe(sessions + 1);
    expect(await count(client, "auth_flow")).toBe(flows - 1);
    expect(group.emulator.control.requests("token")).toHaveLength(1);
    await Promise.all([client.end(), holder.end()]);
  });
});
