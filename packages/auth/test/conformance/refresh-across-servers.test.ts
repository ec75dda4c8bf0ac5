import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { builtInPeople, startEntraEmulator } from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGate } from "../../../../apps/server/test/support/provider/gate.js";
import { openTestDatabase } from "../sqlite-test-database.js";
import type { TestDatabase } from "../sqlite-test-database.js";
import { startTokenApp } from "./support/token-app.js";
import type { TokenApp } from "./support/token-app.js";

const { ada } = builtInPeople;
const program = fileURLToPath(
  new URL("support/token-app-process.mjs", import.meta.url),
);

let emulator: EntraEmulator;
let database: TestDatabase;
let here: TokenApp;
let there: { readonly process: ChildProcess; readonly origin: string };

beforeAll(async () => {
  emulator = await startEntraEmulator();
  database = openTestDatabase();
  here = await startTokenApp(emulator, database.path);
  const child = fork(program, [emulator.origin, database.path, here.appUrl]);
  const [origin]: unknown[] = await once(child, "message");
  there = { process: child, origin: String(origin) };
  // The process compiles the sources before it listens.
}, 180_000);

afterAll(async () => {
  there?.process.send("stop");
  await here?.stop();
  database?.close();
  await emulator?.close();
});

describe("the refreshes of one user on two servers with one database", () => {
  it("[T9] send one request to the identity provider: the second server waits for the first one and returns its token", async () => {
    const visitor = await here.signIn(ada.upn);
    const gate = createGate();
    emulator.control.clearRequests();
    const remove = emulator.control.setFault({
      type: "delay",
      endpoint: "token",
      delayMilliseconds: 0,
      until: gate.pass,
    });

    const first = visitor.refresh();
    await gate.waitForArrivals(1);
    const others = [
      visitor.refresh(there.origin),
      visitor.refresh(there.origin),
    ];
    for (let round = 0; round < 3; round += 1)
      await visitor.readSignedIn(there.origin);
    const arrivals = gate.countArrivals();
    gate.open();
    const reports = await Promise.all([first, ...others]);
    remove();

    expect(reports.map(({ oid, text }) => oid ?? text)).toEqual(
      reports.map(() => ada.home.objectId),
    );
    expect(arrivals).toBe(1);
    expect(new Set(reports.map(({ digest }) => digest)).size).toBe(1);
    expect(emulator.control.requests("token")).toHaveLength(1);
  });

  it("[T9] succeed on the second server at once if the first one's request fails", async () => {
    const visitor = await here.signIn(ada.upn);
    const remove = emulator.control.setFault({
      type: "token_error",
      code: 90_033,
      error: "temporarily_unavailable",
      on: ["refresh_token"],
      times: 1,
    });

    const failed = await visitor.refresh();
    remove();
    const next = await visitor.refresh(there.origin);

    expect(failed).toMatchObject({
      status: 503,
      authCode: "identity_provider_unavailable",
    });
    expect(next).toMatchObject({ status: 200, oid: ada.home.objectId });
  });
});
