import { randomInt } from "node:crypto";
import { Agent, get } from "node:http";
import { startServerProcess } from "../../server/test/support/processes.js";
import type { ServerProcess } from "../../server/test/support/processes.js";
import {
  cookieNamesOf,
  createVisitor,
} from "../../server/test/support/visitor.js";
import type { Contestants } from "./contestants.js";
import { createBackendMeter, readCpu } from "./cpu.js";
import type { Provider } from "./provider.js";
import { compare } from "./paired.js";
import type { Comparison, State } from "./paired.js";
import { loadedSecret, sessionIdAt } from "./rows.js";
import type { RowCounts } from "./rows.js";

const me = { calls: 400, concurrency: 8 };
const signIn = { calls: 8, concurrency: 2 };

/** The number of sessions among which requests choose. With fewer sessions, more rows are cached. */
const crowds = {
  "of any session": Infinity,
  "of 100 sessions": 100,
  "of 1 session": 1,
};

/** Compares `auth.me` and whole sign-ins over HTTP, with a server on each database. */
export async function compareRequests(
  { empty, full }: Contestants,
  provider: Provider,
  counts: Readonly<Record<State, RowCounts>>,
  rounds: number,
): Promise<ReadonlyMap<string, Comparison>> {
  const servers = {
    empty: await startServer(empty, provider),
    full: await startServer(full, provider),
  };
  const meters = {
    empty: createBackendMeter(empty),
    full: createBackendMeter(full),
  };
  const agent = new Agent({ keepAlive: true });
  const readBoth = async (state: State) => ({
    server: readCpu([servers[state].pid]),
    database: await meters[state].readCpu(),
  });
  const comparisons = new Map<string, Comparison>();
  try {
    for (const [crowd, size] of Object.entries(crowds))
      comparisons.set(
        `auth.me over HTTP, ${crowd}`,
        await compare(rounds, {
          ...me,
          call: (state) => {
            const among = Math.min(counts[state].sessions, size);
            return askMe(servers[state], randomInt(among), agent);
          },
          readCpu: readBoth,
        }),
      );
    comparisons.set(
      "a whole sign-in over HTTP",
      await compare(rounds, {
        ...signIn,
        call: (state) => signInAnybody(servers[state].origin, provider),
        readCpu: readBoth,
      }),
    );
    return comparisons;
  } finally {
    agent.destroy();
    for (const meter of Object.values(meters)) await meter.close();
    for (const server of Object.values(servers)) await server.stop();
  }
}

/** Starts the built server on this database. */
export function startServer(
  databaseUrl: string,
  { origin }: Provider,
): Promise<ServerProcess> {
  return startServerProcess({
    authority: origin,
    environment: {
      DATABASE_URL: databaseUrl,
      AUTH_SECRET: Buffer.alloc(32, 7).toString("base64"),
      SIGN_IN_RATE_PER_MINUTE: "1000000",
    },
  });
}

/** Signs in a random person with a new browser. */
export async function signInAnybody(
  origin: string,
  { people }: Provider,
): Promise<void> {
  const upn = people[randomInt(people.length)] ?? "";
  const { data } = await createVisitor(origin).signIn(upn);
  if (data.user.preferredUsername !== upn)
    throw new Error("Another user was signed in.");
}

function askMe(
  { origin }: ServerProcess,
  index: number,
  agent: Agent,
): Promise<void> {
  const cookie = `${cookieNamesOf(origin).session}=${sessionIdAt(index)}.${loadedSecret}`;
  const headers = { cookie, "x-csrf": "1" };
  return new Promise((resolve, reject) => {
    get(`${origin}/trpc/auth.me`, { headers, agent }, (response) => {
      let length = 0;
      response.on("data", (chunk: Buffer) => (length += chunk.length));
      response.once("end", () =>
        // A shorter body is `null`: no user is signed in.
        response.statusCode === 200 && length > 100
          ? resolve()
          : reject(new Error(`auth.me responded with ${response.statusCode}`)),
      );
    }).once("error", reject);
  });
}
