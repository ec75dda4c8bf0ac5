import { Client } from "pg";
import type { ServerProcess } from "../../server/test/support/processes.js";
import { readCpu, readOwnCpu, subtractCpu } from "./cpu.js";
import type { Provider } from "./provider.js";
import { measureCalls } from "./paired.js";
import { signInAnybody, startServer } from "./requests.js";

/** The result of a burst of sign-ins on several servers with one PostgreSQL. */
export interface Rush {
  readonly servers: number;
  readonly perSecond: number;
  /** The number of sign-ins that failed, for example by a timeout. */
  readonly refused: number;
  /** The processor time of each part for one sign-in. */
  readonly cpuMilliseconds: Readonly<
    Record<"servers" | "PostgreSQL" | "emulator" | "visitors", number>
  >;
  readonly logBytes: number;
  readonly transactions: number;
}

const visitors = 16;

/** Signs people in on several servers in turn, as fast as possible. */
export async function rush(
  databaseUrl: string,
  provider: Provider,
  serverCount: number,
  signIns: number,
): Promise<Rush> {
  const servers = await Promise.all(
    Array.from({ length: serverCount }, () =>
      startServer(databaseUrl, provider),
    ),
  );
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return {
      servers: serverCount,
      ...(await measureRush(servers, client, provider, signIns)),
    };
  } finally {
    await client.end();
    for (const server of servers) await server.stop();
  }
}

async function measureRush(
  servers: readonly ServerProcess[],
  client: Client,
  provider: Provider,
  signIns: number,
): Promise<Omit<Rush, "servers">> {
  let turn = 0;
  let refused = 0;
  const signIn = async () => {
    const { origin = "" } = servers[turn++ % servers.length] ?? {};
    await signInAnybody(origin, provider).catch(() => refused++);
  };
  const readParts = async () => ({
    servers: readCpu(servers.map(({ pid }) => pid)),
    PostgreSQL: readCpu(await readPostgresPids(client)),
    emulator: readCpu([provider.pid]),
    visitors: readOwnCpu(),
  });
  await measureCalls(visitors * servers.length * 2, visitors, signIn);
  refused = 0;

  const before = await readParts();
  const writtenBefore = await readWritten(client);
  const milliseconds = await measureCalls(signIns, visitors, signIn);
  const written = await readWritten(client);
  const after = await readParts();

  const done = signIns - refused;
  const each = (part: keyof typeof before) =>
    (subtractCpu(after[part], before[part]) / done) * 1000;
  return {
    refused,
    perSecond: (1000 / milliseconds) * (done / signIns),
    cpuMilliseconds: {
      servers: each("servers"),
      PostgreSQL: each("PostgreSQL"),
      emulator: each("emulator"),
      visitors: each("visitors"),
    },
    logBytes: (written.bytes - writtenBefore.bytes) / done,
    transactions: (written.transactions - writtenBefore.transactions) / done,
  };
}

async function readPostgresPids(client: Client): Promise<readonly number[]> {
  const { rows } = await client.query<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity",
  );
  return rows.map(({ pid }) => pid);
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
