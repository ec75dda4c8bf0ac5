import { randomInt } from "node:crypto";
import type { Stores } from "@entrada/auth";
import { openDatabase } from "../../../packages/auth/src/environment/database/database.js";
import { parseDatabaseUrl } from "../../../packages/auth/src/environment/database/database-url.js";
import type { OpenDatabase } from "../../../packages/auth/src/environment/database/open-database.js";
import type { Contestants } from "./contestants.js";
import { createBackendMeter, readOwnCpu } from "./cpu.js";
import { compare } from "./paired.js";
import type { Comparison, State } from "./paired.js";
import {
  clientId,
  createFlow,
  createPartition,
  createSession,
  createUser,
  sessionIdAt,
} from "./rows.js";
import type { RowCounts } from "./rows.js";

/** A call of the stores of a database with the given numbers of rows. */
type Question = (stores: Stores, counts: RowCounts) => Promise<unknown>;

const poolSize = 10;
const callsPerRound = 60;
const beyond = 1_000_000_000;

/** Compares the cost of the statements of `auth.me` and a sign-in. */
export async function compareStatements(
  { empty, full }: Contestants,
  counts: Readonly<Record<State, RowCounts>>,
  rounds: number,
): Promise<ReadonlyMap<string, Comparison>> {
  const databases = { empty: await open(empty), full: await open(full) };
  const meters = {
    empty: createBackendMeter(empty),
    full: createBackendMeter(full),
  };
  const comparisons = new Map<string, Comparison>();
  for (const [name, ask] of Object.entries(questions)) {
    const comparison = await compare(rounds, {
      calls: callsPerRound,
      concurrency: 1,
      call: (state) => ask(databases[state].stores, counts[state]),
      readCpu: async (state) => ({
        server: readOwnCpu(),
        database: await meters[state].readCpu(),
      }),
    });
    comparisons.set(name, comparison);
  }
  for (const open of [...Object.values(databases), ...Object.values(meters)])
    await open.close();
  return comparisons;
}

function open(url: string): Promise<OpenDatabase> {
  return openDatabase(
    { address: parseDatabaseUrl(url), poolSize, clientId, tables: {} },
    console,
  );
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
