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
// More would keep the servers from anything else while they wait for a writer.
const waitingCount = 2 * serverCount;

interface CallbackAnswer {
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

/** Delivers one callback to this server, on a connection of its own, as the browser that the cookies are from. */
async function deliver(
  index: number,
  query: CallbackQuery,
  cookie: string,
): Promise<CallbackAnswer> {
  const origin = group.servers[index % serverCount]?.origin ?? "";
  const outgoing = sendRequest(`${origin}/trpc/auth.callback`, {
    method: "POST",
    headers: { "x-csrf": "1", "content-type": "application/json", cookie },
    agent: false,
  });
  outgoing.end(JSON.stringify(query));
  const [incoming]: IncomingMessage[] = await once(outgoing, "response");
  if (incoming === undefined) throw new Error("The server did not answer.");
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

/** Delivers it again for as long as the server says that it could not ask the database, which leaves the flow there. */
async function deliverUntilDecided(
  ...delivery: Parameters<typeof deliver>
): Promise<CallbackAnswer> {
  const answer = await deliver(...delivery);
  return answer.authCode === "store_unavailable"
    ? deliverUntilDecided(...delivery)
    : answer;
}

/** Holds whoever wants to write to the servers' database, while reading goes on; returns what lets them. */
function holdWriters(): () => void {
  const database = new Database(group.databasePath, { timeout: 5000 });
  database.exec("BEGIN IMMEDIATE");
  return () => {
    database.exec("ROLLBACK");
    database.close();
  };
}

/**
 * Waits until every server has taken up what was sent to it before: it reads every socket that holds something before it
 * goes on to the next round of its event loop, and needs one at least to answer each of these.
 */
async function waitUntilTakenUp(): Promise<void> {
  for (let round = 0; round < 3; round += 1)
    await Promise.all(
      group.servers.map(async ({ origin }) => {
        const answer = await fetch(`${origin}/trpc/auth.me`, {
          headers: { "x-csrf": "1" },
        });
        await answer.arrayBuffer();
      }),
    );
}

/** Lets every exchange of a code wait at a gate, and tells of each that comes there. */
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

/** Reaches the callback with a new browser, and returns what it is delivered with. */
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

function expectOneWinner(answers: readonly CallbackAnswer[]): void {
  expect(answers.filter(({ status }) => status === 200)).toEqual([
    { status: 200, authCode: undefined, setsSession: true },
  ]);
  expect(answers.filter(({ status }) => status !== 200)).toEqual(
    Array.from({ length: callbackCount - 1 }, () => ({
      status: 400,
      authCode: "flow_not_found",
      setsSession: false,
    })),
  );
}

describe("a hundred callbacks with one state, on four servers with one database", () => {
  it("[F7] start one session: the flow is taken in one step, even by servers that wait for it at the same moment", async () => {
    const { query, cookie } = await reachCallback();
    const { session, flow } = countRows(group.databasePath);
    const gate = createGate();
    let decided = 0;
    // Whoever has no answer by then got past the flow: all that wait are under way together, whoever wins.
    const openForTheLast = () => {
      if (decided + gate.countArrivals() >= waitingCount) gate.open();
    };
    const removeHold = holdExchanges(gate, openForTheLast);
    const deliverTo = async (index: number) => {
      const answer = await deliverUntilDecided(index, query, cookie);
      decided += 1;
      openForTheLast();
      return answer;
    };
    const letWrite = holdWriters();

    const waiting = Array.from({ length: waitingCount }, (_, index) =>
      deliverTo(index),
    );
    await waitUntilTakenUp();
    const early = [decided, gate.countArrivals()];
    letWrite();
    const answers = await Promise.all([
      ...waiting,
      ...Array.from({ length: callbackCount - waitingCount }, (_, index) =>
        deliverTo(index),
      ),
    ]);
    removeHold();

    expect(early).toEqual([0, 0]);
    expectOneWinner(answers);
    expect(gate.countArrivals()).toBe(1);
    expect(countRows(group.databasePath)).toMatchObject({
      session: session + 1,
      flow: flow - 1,
    });
  });

  it("[F7] are refused from the first one's arrival on, while it still exchanges its code", async () => {
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
    // No more than the provider's deadline has time for.
    const meanwhile = await deliverMany(waitingCount);
    gate.open();
    const answers = [
      ...meanwhile,
      ...(await deliverMany(callbackCount - waitingCount - 1)),
      await first,
    ];
    removeHold();

    expectOneWinner(answers);
    expect(gate.countArrivals()).toBe(1);
    expect(countRows(group.databasePath).session).toBe(session + 1);
  });
});
