import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtInPeople, startEntraEmulator } from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countRows } from "./support/database-file.js";
import { startServerProcess } from "./support/processes.js";
import type { ServerProcess } from "./support/processes.js";
import { createVisitor } from "./support/visitor.js";
import type { Visitor } from "./support/visitor.js";

const { ada } = builtInPeople;
const appUrl = "https://app.example.test";
const clientId = "00000000-0000-4000-8000-0000000000b2";
const clientSecret = "secret of the app on several servers";

let emulator: EntraEmulator;
let folder: string;
let databasePath: string;
let servers: readonly [ServerProcess, ServerProcess];

beforeAll(async () => {
  emulator = await startEntraEmulator();
  emulator.addApp({
    clientId,
    clientSecret,
    redirectUris: [`${appUrl}/auth/callback`, `${appUrl}/`],
  });
  folder = await mkdtemp(join(tmpdir(), "entrada-several-"));
  databasePath = join(folder, "entrada.db");
  const start = async () =>
    startServerProcess({
      authority: emulator.origin,
      databasePath,
      environment: {
        APP_URL: appUrl,
        AUTH_SECRET: Buffer.alloc(32, 5).toString("base64"),
        ENTRA_CLIENT_ID: clientId,
        ENTRA_CLIENT_SECRET: clientSecret,
      },
    });
  // Both at once: each finds an empty database and migrates it.
  servers = await Promise.all([start(), start()]);
});

afterAll(async () => {
  await Promise.all((servers ?? []).map((server) => server.stop()));
  await emulator?.close();
  await rm(folder, { recursive: true, force: true });
});

/** A visitor behind a balancer, whose next requests go where the test says. */
function visitBalanced(): {
  readonly visitor: Visitor;
  readonly goTo: (index: 0 | 1) => void;
} {
  const proxies: Record<string, string> = {};
  const goTo = (index: 0 | 1) => {
    proxies[appUrl] = servers[index].origin;
  };
  goTo(0);
  return { visitor: createVisitor(appUrl, { proxies }), goTo };
}

describe("two servers on one database", () => {
  it("complete each other's sign-ins and sign-outs", async () => {
    const { visitor, goTo } = visitBalanced();
    const query = await visitor.reachCallback(ada.upn);

    goTo(1);
    const callback = await visitor.mutate("auth.callback", query);
    const session = visitor.cookies().get("__Host-Http-session") ?? "";
    const there = (await visitor.query("auth.me")).data;
    goTo(0);
    const here = (await visitor.query("auth.me")).data;
    await visitor.mutate("auth.logout");

    goTo(1);
    visitor.browser.setCookie(appUrl, "__Host-Http-session", session);
    expect(callback.data.isNewUser).toBe(true);
    expect(here?.session.id).toBe(there?.session.id);
    expect((await visitor.query("auth.me")).data).toBeNull();
  });

  it("start one session when a hundred callbacks bring one state to both", async () => {
    const { visitor } = visitBalanced();
    const query = await visitor.reachCallback(ada.upn);
    const cookie = [...visitor.cookies()]
      .map(([name, value]) => `${name}=${value}`)
      .join("; ");
    const { session } = countRows(databasePath);
    emulator.control.clearRequests();

    const statuses = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const answer = await fetch(
          `${servers[index % 2 === 0 ? 0 : 1].origin}/trpc/auth.callback`,
          {
            method: "POST",
            headers: {
              "x-csrf": "1",
              "content-type": "application/json",
              cookie,
            },
            body: JSON.stringify(query),
          },
        );
        await answer.arrayBuffer();
        return answer.status;
      }),
    );

    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 400)).toHaveLength(99);
    expect(countRows(databasePath).session).toBe(session + 1);
    expect(emulator.control.requests("token")).toHaveLength(1);
  });

  it("make one user of somebody who signs in on both for the first time", async () => {
    const { ben } = builtInPeople;
    const [one, other] = [visitBalanced(), visitBalanced()];
    other.goTo(1);

    const answers = await Promise.all([
      one.visitor.signIn(ben.upn),
      other.visitor.signIn(ben.upn),
    ]);

    const [first, second] = answers.map(({ data }) => data);
    expect(first?.user.id).toBe(second?.user.id);
    expect([first?.isNewUser, second?.isNewUser].toSorted()).toEqual([
      false,
      true,
    ]);
  });
});
