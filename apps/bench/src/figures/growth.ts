import { randomInt } from "node:crypto";
import type { Contestant } from "../contestants/contestant.js";
import type { Databases, Engine } from "../database/databases.js";
import { createPostgresDatabases } from "../database/postgres-databases.js";
import { loadedSecret, sessionIdAt } from "../database/rows.js";
import type { RowCounts } from "../database/rows.js";
import { createSqliteDatabases } from "../database/sqlite-databases.js";
import { createHttpClient } from "../load/http-client.js";
import type { HttpClient } from "../load/http-client.js";
import { createDatabaseMeter } from "../load/meter.js";
import type { Meter } from "../load/meter.js";
import { createQueue } from "../load/people.js";
import { signIn } from "../load/visit.js";
import { measureWindow } from "../load/window.js";
import type { Contest } from "../processes/contest.js";
import type { Figure, Measurement } from "./figure.js";
import { alternate } from "./rounds.js";
import { createCollector } from "./series.js";
import type { Series } from "./series.js";
import { measureServers } from "./servers.js";
import { measureStatements, nameSessions } from "./statements.js";

const fewSessions = 100;
const sessionsOfUser = 10;
const me = { calls: 2000, concurrency: 8 };
const signIns = { calls: 60, concurrency: 4 };
const warmUpRounds = 2;

/** A server on one of the two databases. */
interface Side {
  readonly name: string;
  readonly sessions: number;
  readonly client: HttpClient;
  readonly contestant: Contestant;
  readonly meter: Meter;
  stop(): Promise<void>;
}

/** Compares a database with many sessions and one with few: `me`, sign-ins and the statements behind them. */
export const measureGrowth: Figure = async (measurement) => {
  const series: Series[] = [];
  const measured = measurement.contestants.filter(
    ({ name }) => name === "entrada" || name === "compare",
  );
  if (measured.length === 0) return series;
  for (const engine of measurement.engines) {
    const counts = countRows(measurement.sessions);
    const databases = await createDatabases[engine](counts.few, counts.many);
    try {
      for (const contestant of measured)
        series.push(
          ...(await measureOne(measurement, databases, contestant, engine)),
        );
      series.push(
        ...(await measureStatements(measurement, databases, engine, counts)),
      );
      if (engine === "postgres")
        for (const contestant of measured)
          series.push(
            ...(await measureServers(measurement, databases.many, contestant)),
          );
    } finally {
      await databases.close();
    }
  }
  return series;
};

const createDatabases = {
  sqlite: createSqliteDatabases,
  postgres: createPostgresDatabases,
} as const satisfies Record<Engine, unknown>;

/** Returns the rows of both databases. Pending flows are as many as sessions. */
function countRows(sessions: number): Record<"few" | "many", RowCounts> {
  return { few: countRowsOf(fewSessions), many: countRowsOf(sessions) };
}

function countRowsOf(sessions: number): RowCounts {
  return {
    flows: sessions,
    sessions,
    users: Math.ceil(sessions / sessionsOfUser),
    rateLimits: 0,
    events: 0,
    addedAt: new Date(),
  };
}

async function measureOne(
  { contest, rounds, windowMilliseconds, sessions }: Measurement,
  { few, many }: Databases,
  contestant: Contestant,
  engine: Engine,
): Promise<readonly Series[]> {
  const sides: Side[] = [];
  try {
    sides.push(await startSide(contest, contestant, few, fewSessions));
    sides.push(await startSide(contest, contestant, many, sessions));
    const nextPerson = createQueue(1000);
    const requests = {
      me: { limits: me, call: requestMe },
      "sign-in": {
        limits: signIns,
        call: ({ client }: Side) => signIn(client, contestant, nextPerson()),
      },
    };
    const series: Series[] = [];
    for (const [request, { limits, call }] of Object.entries(requests)) {
      const collector = createCollector({
        title: `growth: ${request} of ${contestant.name} on ${engine}, processor time`,
        unit: "ms",
        base: nameSessions(fewSessions),
        isDecisive: true,
      });
      const measure = async (side: Side) => {
        const window = await measureWindow(
          side.meter,
          { ...limits, milliseconds: windowMilliseconds },
          () => call(side),
        );
        return window.processorMilliseconds / window.calls;
      };
      await alternate(warmUpRounds, sides, async (side) => {
        await measure(side);
      });
      await alternate(rounds, sides, async (side) =>
        collector.add(side.name, await measure(side)),
      );
      series.push(collector.toSeries());
    }
    return series;
  } finally {
    for (const { stop } of sides) await stop();
  }
}

async function startSide(
  contest: Contest,
  contestant: Contestant,
  databasePath: string,
  sessions: number,
): Promise<Side> {
  const name = nameSessions(sessions);
  const server = await contest.start(contestant, {
    name: `${contestant.name}-growth`,
    databasePath,
  });
  const client = createHttpClient(server.origin, me.concurrency);
  const { meter, close } = createDatabaseMeter(server.pid, databasePath);
  await server.waitUntilReady();
  return {
    name,
    sessions,
    client,
    contestant,
    meter,
    stop: async () => {
      await client.close();
      await close();
      await server.stop();
    },
  };
}

/** Requests `me` with any of the loaded sessions. */
async function requestMe({
  client,
  contestant,
  sessions,
}: Side): Promise<void> {
  const id = sessionIdAt(randomInt(sessions));
  const { port } = new URL(client.origin);
  const { request } = contestant.me;
  const { status, text } = await client.send({
    ...request,
    headers: {
      ...request.headers,
      cookie: `session-${port}=${id}.${loadedSecret}`,
    },
  });
  if (status !== 200 || !text.includes(`"id":"${id}"`))
    throw new Error(`${request.path} responded with ${status}: ${text}`);
}
