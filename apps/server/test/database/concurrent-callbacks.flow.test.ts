import { once } from "node:events";
import { request as sendRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import { text as readText } from "node:stream/consumers";
import { builtInPeople } from "@entrada/entra-emulator";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countRows } from "../support/database-file.js";
import { createGate } from "../support/provider/gate.js";
import type { Gate } from "../support/provider/gate.js";
import { startServerGroup } from "../support/server-group.js";
import type { ServerGroup } from "../support/server-group.js";
import type { CallbackQuery } from "../support/visitor.js";

const { ada } = builtInPeople;
const serverCount = 4;
const callbackCount = 100;
// More would block the servers while they wait for the database.
const waitingCount = 2 * serverCount;

interface CallbackResponse {
  readonly status: number;
  readonly authCode: string | undefined;
  readonly setsSession: boolean;
}

let group: ServerGroup;

beforeAll(async () => {
  group = await startServerGroup(serverCount);
});

afterAll(async () => {
  await group?.stop();
});

/** Delivers one callback to this server over a new connection, with the browser's cookies. */
async function deliver(
  index: number,
  query: CallbackQuery,
  cookie: string,
): Promise<CallbackResponse> {
  const origin = group.servers[index % serverCount]?.origin ?? "";
  const outgoing = sendRequest(`${origin}/trpc/auth.callback`, {
    method: "POST",
    headers: { "x-csrf": "1", "content-type": "application/json", cookie },
    agent: false,
  });
  outgoing.end(JSON.stringify(query));
  const [incoming]: IncomingMessage[] = await once(outgoing, "response");
  if (incoming === undefined) throw new Error("The server sent no response.");
  const body: {
    readonly error?: { readonly data: { readonly authCode: string } };
  } = JSON.parse(await readText(incoming));
  return {
    status: incoming.statusCode ?? 0,
    authCode: body.error?.data.authCode,
    setsSession: /session=[^;]/.test(
      (incoming.headers["set-cookie"] ?? []).join(),
    ),
  };
}

/** Delivers the callback again while the server reports that the database is unavailable, which keeps the flow. */
async function deliverUntilDecided(
  ...delivery: Parameters<typeof deliver>
): Promise<CallbackResponse> {
  const response = await deliver(...delivery);
  return response.authCode === "store_unavailable"
    ? deliverUntilDecided(...delivery)
    : response;
}

/** Blocks writes to the servers' database, but not reads. The returned function ends the block. */
function holdWriters(): () => void {
  const database = new Database(group.databasePath, { timeout: 5000 });
  database.exec("BEGIN IMMEDIATE");
  return () => {
    database.exec("ROLLBACK");
    database.close();
  };
}

/**
 * Waits until every server has read the requests that were sent to it before. In each iteration of its event loop a server
 * reads every readable socket, and each request below takes at least one iteration.
 */
async function waitUntilRead(): Promise<void> {
  for (let round = 0; round < 3; round += 1)
    await Promise.all(
      group.servers.map(async ({ origin }) => {
        const response = await fetch(`${origin}/trpc/auth.me`, {
          headers: { "x-csrf": "1" },
        });
        await response.arrayBuffer();
      }),
    );
}

/** Makes every code exchange wait at a gate, and calls `onArrival` for each. */
function holdExchanges(
  { pass }: Gate,
  onArrival: () => void = () => undefined,
): () => void {
  return group.emulator.control.setFault({
    type: "delay",
    endpoint: "token",
    delayMilliseconds: 0,
    until: () => {
      const passing = pass();
      onArrival();
      return passing;
    },
  });
}

/** Reaches the callback with a new browser, and returns its query and cookies. */
async function reachCallback(): Promise<{
  readonly query: CallbackQuery;
  readonly cookie: string;
}> {
  const visitor = group.createVisitor();
  const query = await visitor.reachCallback(ada.upn);
  const cookie = [...visitor.cookies()]
    .map(([name, value]) => `${name}=${value}`)
    .join("; ");
  return { query, cookie };
}

function expectOneWinner(responses: readonly CallbackResponse[]): void {
  expect(responses.filter(({ status }) => status === 200)).toEqual([
    { status: 200, authCode: undefined, setsSession: true },
  ]);
  expect(responses.filter(({ status }) => status !== 200)).toEqual(
    Array.from({ length: callbackCount - 1 }, () => ({
      status: 400,
      authCode: "flow_not_found",
      setsSession: false,
    })),
  );
}

describe("a hundred callbacks with one state on four servers with one database", () => {
  it("[F7] start one session, even when the servers wait for the flow at the same time", async () => {
    const { query, cookie } = await reachCallback();
    const { session, flow } = countRows(group.databasePath);
    const gate = createGate();
    let decided = 0;
    // The callbacks without a response have taken the flow or wait for it, so all of them are pending together.
    const openWhenAllArrived = () => {
      if (decided + gate.countArrivals() >= waitingCount) gate.open();
    };
    const removeHold = holdExchanges(gate, openWhenAllArrived);
    const deliverTo = async (index: number) => {
      const response = await deliverUntilDecided(index, query, cookie);
      decided += 1;
      openWhenAllArrived();
      return response;
    };
    const permitWrites = holdWriters();

    const waiting = Array.from({ length: waitingCount }, (_, index) =>
      deliverTo(index),
    );
    await waitUntilRead();
    const early = [decided, gate.countArrivals()];
    permitWrites();
    const responses = await Promise.all([
      ...waiting,
      ...Array.from({ length: callbackCount - waitingCount }, (_, index) =>
        deliverTo(index),
      ),
    ]);
    removeHold();

    expect(early).toEqual([0, 0]);
    expectOneWinner(responses);
    expect(gate.countArrivals()).toBe(1);
    expect(countRows(group.databasePath)).toMatchObject({
      session: session + 1,
      flow: flow - 1,
    });
  });

  it("[F7] are refused while the first one still exchanges its code", async () => {
    const { query, cookie } = await reachCallback();
    const { session } = countRows(group.databasePath);
    const gate = createGate();
    const removeHold = holdExchanges(gate);

    const deliverMany = (count: number) =>
      Promise.all(
        Array.from({ length: count }, (_, index) =>
          deliverUntilDecided(index, query, cookie),
        ),
      );

    const first = deliver(0, query, cookie);
    await gate.waitForArrivals(1);
    // Few enough to complete before the deadline of the code exchange.
    const meanwhile = await deliverMany(waitingCount);
    gate.open();
    const responses = [
      ...meanwhile,
      ...(await deliverMany(callbackCount - waitingCount - 1)),
      await first,
    ];
    removeHold();

    expectOneWinner(responses);
    expect(gate.countArrivals()).toBe(1);
    expect(countRows(group.databasePath).session).toBe(session + 1);
  });
});
