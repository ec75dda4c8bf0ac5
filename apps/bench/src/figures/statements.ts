import { randomInt } from "node:crypto";
import type { Stores } from "@entrada/auth";
import { openDatabase } from "../../../../packages/auth/src/environment/database/database.js";
import { parseDatabaseUrl } from "../../../../packages/auth/src/environment/database/database-url.js";
import type { OpenDatabase } from "../../../../packages/auth/src/environment/database/open-database.js";
import type { Databases, Engine } from "../database/databases.js";
import {
  clientId,
  createFlow,
  createPartition,
  createSession,
  createUser,
  sessionIdAt,
} from "../database/rows.js";
import type { RowCounts } from "../database/rows.js";
import { createDatabaseMeter } from "../load/meter.js";
import { measureWindow } from "../load/window.js";
import type { Measurement } from "./figure.js";
import { alternate } from "./rounds.js";
import { createCollector } from "./series.js";
import type { Series } from "./series.js";

type Counts = Pick<RowCounts, "sessions" | "users">;

/** A call of the stores of a database with the given numbers of rows. */
type Question = (stores: Stores, counts: Counts) => Promise<unknown>;

interface Side {
  readonly name: string;
  readonly counts: Counts;
  readonly database: OpenDatabase;
  readonly stores: Stores;
  readonly address: string;
}

const poolSize = 10;
const callsOfWindow = 1000;
const beyond = 1_000_000_000;

/** Compares the cost of the statements of `me` and of a sign-in. They run in this process. */
export async function measureStatements(
  { rounds, windowMilliseconds }: Measurement,
  databases: Databases,
  engine: Engine,
  counts: Readonly<Record<"few" | "many", Counts>>,
): Promise<readonly Series[]> {
  const sides: Side[] = [];
  const series: Series[] = [];
  try {
    for (const size of ["few", "many"] as const)
      sides.push(await openSide(databases[size], counts[size], engine));
    for (const [title, ask] of Object.entries(questions)) {
      const collector = createCollector({
        title: `growth: ${title} on ${engine}, processor time`,
        unit: "ms",
        base: nameSessions(counts.few.sessions),
      });
      await alternate(rounds + 1, sides, async (side) =>
        collector.add(side.name, await measure(side, ask, windowMilliseconds)),
      );
      series.push(collector.toSeries());
    }
    return series;
  } finally {
    for (const { database } of sides) await database.close();
  }
}

async function measure(
  { address, stores, counts }: Side,
  ask: Question,
  milliseconds: number,
): Promise<number> {
  const { meter, close } = createDatabaseMeter(process.pid, address);
  try {
    const window = await measureWindow(
      meter,
      { calls: callsOfWindow, milliseconds, concurrency: 1 },
      () => ask(stores, counts),
    );
    return window.processorMilliseconds / window.calls;
  } finally {
    await close();
  }
}

async function openSide(
  address: string,
  counts: Counts,
  engine: Engine,
): Promise<Side> {
  const url = engine === "sqlite" ? `file:${address}` : address;
  const settings = { address: parseDatabaseUrl(url), poolSize, clientId };
  const database = await openDatabase({ ...settings, tables: {} }, console);
  const stores = database.createStores(undefined);
  stores.bindClient(clientId);
  const name = nameSessions(counts.sessions);
  return { name, counts, database, stores, address };
}

/** The name of a database with this number of sessions. */
export function nameSessions(sessions: number): string {
  return `${sessions.toLocaleString("en")} sessions`;
}

const questions: Readonly<Record<string, Question>> = {
  "find a session and its user (me)": ({ sessionStore }, { sessions }) =>
    sessionStore.find(sessionIdAt(randomInt(sessions))),
  "renew a session": ({ sessionStore }, { sessions, users }) => {
    const session = createSession(randomInt(sessions), users, new Date());
    return sessionStore.renew(
      session.id,
      session.lastSeenAt,
      session.idleExpiresAt,
    );
  },
  "count for a rate limit": ({ rateLimitStore }) =>
    rateLimitStore.count(`bench:${randomInt(beyond)}`, 60),
  "add a flow and take it": async ({ flowStore }) => {
    const flow = createFlow(beyond + randomInt(beyond), new Date());
    await flowStore.add(flow);
    await flowStore.take(
      flow.stateDigest,
      flow.browserTokenDigest,
      flow.createdAt,
    );
  },
  "put tokens": ({ tokenCacheStore }, { users }) =>
    tokenCacheStore.put(createPartition(randomInt(users), new Date())),
  "admit a sign-in and end its session": async (
    { sessionStore },
    { users },
  ) => {
    const index = randomInt(users);
    const now = new Date();
    const { id: candidateId, ...profile } = createUser(index, now);
    const session = createSession(beyond + randomInt(beyond), users, now);
    await sessionStore.admit({
      candidateId,
      profile,
      session,
      replaces: undefined,
      entries: undefined,
    });
    await sessionStore.end(session.id);
  },
};
