// Prints the cost of `auth.me` and of a sign-in with a million sessions and a million pending flows, relative to an
// empty database, on SQLite and on PostgreSQL, and the sign-ins per second of one, two and three servers on one
// PostgreSQL.
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import type { Contestants } from "./scale/contestants.js";
import { createPostgresContestants } from "./scale/postgres-database.js";
import { startProvider } from "./scale/provider.js";
import { reportComparison, reportRush, reportSizes } from "./scale/report.js";
import { compareRequests } from "./scale/requests.js";
import type { RowCounts } from "./scale/rows.js";
import { rush } from "./scale/servers.js";
import { createSqliteContestants } from "./scale/sqlite-database.js";
import { compareStatements } from "./scale/statements.js";

const number = { type: "string" } as const;
const { values } = parseArgs({
  // pnpm passes on the dashes that end its own options.
  args: process.argv.slice(2).filter((argument) => argument !== "--"),
  options: {
    flows: { ...number, default: "1000000" },
    sessions: { ...number, default: "1000000" },
    users: { ...number, default: "100000" },
    rounds: { ...number, default: "41" },
    "sign-ins": { ...number, default: "600" },
    engine: { type: "string", multiple: true, default: ["sqlite", "postgres"] },
  },
});
const counts: Readonly<Record<"empty" | "full", RowCounts>> = {
  empty: { flows: 0, sessions: 1, users: 1 },
  full: {
    flows: Number(values.flows),
    sessions: Number(values.sessions),
    users: Number(values.users),
  },
};
const rounds = Number(values.rounds);
const { flows, sessions, users } = counts.full;
console.log(
  `Filling each database with ${flows} flows, ${sessions} sessions and ${users} users takes some minutes.`,
);
const provider = await startProvider();
if (values.engine.includes("sqlite"))
  await measure(await createSqliteContestants(counts));
if (values.engine.includes("postgres"))
  await measure(await createPostgresContestants(counts));
provider.stop();

async function measure(contestants: Contestants): Promise<void> {
  const { engine, full, sizes } = contestants;
  try {
    console.log(`${engine}; the machine's load is ${readLoad()}`);
    reportSizes(sizes);
    const requests = await compareRequests(
      contestants,
      provider,
      counts,
      rounds,
    );
    const statements = await compareStatements(contestants, counts, rounds);
    for (const [name, comparison] of [...requests, ...statements])
      reportComparison(name, comparison);
    if (engine === "PostgreSQL") await measureRushes(full);
  } finally {
    await contestants.close();
  }
}

async function measureRushes(databaseUrl: string): Promise<void> {
  for (const servers of [1, 2, 3])
    reportRush(
      await rush(databaseUrl, provider, servers, Number(values["sign-ins"])),
    );
  console.log(`  the machine's load is ${readLoad()} now`);
}

function readLoad(): string {
  return loadavg()
    .map((load) => load.toFixed(1))
    .join(", ");
}
