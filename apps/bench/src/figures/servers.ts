import { Client } from "pg";
import type { Contestant } from "../contestants/contestant.js";
import { createHttpClient } from "../load/http-client.js";
import type { HttpClient } from "../load/http-client.js";
import { createDatabaseMeter } from "../load/meter.js";
import { createQueue } from "../load/people.js";
import { signIn } from "../load/visit.js";
import { measureWindow } from "../load/window.js";
import type { Running } from "../processes/contest.js";
import type { Measurement } from "./figure.js";
import { alternate } from "./rounds.js";
import { createCollector } from "./series.js";
import type { Collector, Series } from "./series.js";

const serverCounts = [1, 2, 3];
const concurrency = 16;
const signIns = 150;
const people = 1000;

interface Server extends Running {
  readonly client: HttpClient;
}

/** Measures sign-ins at full speed on one, two and three servers of one PostgreSQL. */
export async function measureServers(
  { contest, rounds, windowMilliseconds }: Measurement,
  databaseUrl: string,
  contestant: Contestant,
): Promise<readonly Series[]> {
  const rate = create("sign-ins a second by the clock", "/s");
  const time = create("PostgreSQL's processor time for each sign-in", "ms");
  const log = create("WAL for each sign-in", "bytes");
  const transactions = create("write transactions for each sign-in", "");
  const servers: Server[] = [];
  const database = new Client({ connectionString: databaseUrl });
  const { meter, close } = createDatabaseMeter(undefined, databaseUrl);
  try {
    await database.connect();
    while (servers.length < Math.max(...serverCounts)) {
      const server = await contest.start(contestant, {
        name: `${contestant.name}-${servers.length}`,
        databasePath: databaseUrl,
      });
      const client = createHttpClient(server.origin, concurrency);
      servers.push({ ...server, client });
      await server.waitUntilReady();
    }
    const nextPerson = createQueue(people);
    await alternate(rounds + 1, serverCounts, async (count) => {
      let turn = 0;
      const before = await readWritten(database);
      const window = await measureWindow(
        meter,
        { calls: signIns, milliseconds: windowMilliseconds, concurrency },
        async () => {
          const server = servers[turn++ % count];
          if (server !== undefined)
            await signIn(server.client, contestant, nextPerson());
        },
      );
      const after = await readWritten(database);
      const name = nameCount(count);
      rate.add(name, (window.calls / window.milliseconds) * 1000);
      time.add(name, window.processorMilliseconds / window.calls);
      log.add(name, (after.bytes - before.bytes) / window.calls);
      transactions.add(
        name,
        (after.transactions - before.transactions) / window.calls,
      );
    });
    return [rate, time, log, transactions].map((one) => one.toSeries());
  } finally {
    for (const { client, stop } of servers) {
      await client.close();
      await stop();
    }
    await close();
    await database.end();
  }
}

function create(title: string, unit: string): Collector {
  return createCollector({
    title: `servers: ${title}`,
    unit,
    base: nameCount(1),
  });
}

function nameCount(count: number): string {
  return count === 1 ? "1 server" : `${count} servers`;
}

async function readWritten(
  client: Client,
): Promise<{ readonly bytes: number; readonly transactions: number }> {
  const { rows } = await client.query<{ bytes: string; transactions: string }>(
    `SELECT pg_current_wal_insert_lsn() - '0/0' AS bytes, pg_current_xact_id()::text AS transactions`,
  );
  const [row] = rows;
  return {
    bytes: Number(row?.bytes),
    transactions: Number(row?.transactions),
  };
}
