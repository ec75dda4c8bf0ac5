import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import Database from "better-sqlite3";
import type { Contestant } from "../contestants/contestant.js";
import { fillSqlite } from "../database/sqlite-databases.js";
import { probeFile } from "../processes/build-servers.js";
import type { LongestHold } from "../probes/longest-hold.js";
import type { Figure, Measurement } from "./figure.js";
import { createCollector } from "./series.js";

const retentionDays = 30;
const dayMilliseconds = 86_400_000;
const pollMilliseconds = 500;
const maximumMilliseconds = 1_800_000;

/** Measures how long the deletion of expired rows holds the event loop of the built server, without other requests. */
export const measureHousekeeping: Figure = async (measurement) => {
  const count = measurement.expiredRows.toLocaleString("en");
  const create = (title: string, unit: string) =>
    createCollector({
      title: `housekeeping of ${count} expired rows of each kind: ${title}`,
      unit,
      base: undefined,
    });
  const processor = create(
    "longest hold of the event loop, processor time",
    "ms",
  );
  const clock = create("longest hold of the event loop, by the clock", "ms");
  for (const contestant of measurement.contestants) {
    const { name } = contestant;
    if (name !== "entrada" && name !== "compare") continue;
    const hold = await measureOne(measurement, contestant);
    processor.add(name, hold.processorMilliseconds);
    clock.add(name, hold.milliseconds);
  }
  return [processor.toSeries(), clock.toSeries()];
};

async function measureOne(
  { contest, expiredRows }: Measurement,
  contestant: Contestant,
): Promise<LongestHold> {
  const folder = await contest.createFolder(`${contestant.name}-housekeeping`);
  const databasePath = join(folder, "bench.db");
  await fillSqlite(databasePath, {
    flows: expiredRows,
    sessions: expiredRows,
    users: expiredRows,
    rateLimits: expiredRows,
    events: expiredRows,
    addedAt: new Date(Date.now() - 2 * retentionDays * dayMilliseconds),
  });
  const server = await contest.start(contestant, {
    name: `${contestant.name}-housekeeping`,
    databasePath,
    environment: { AUDIT_RETENTION_DAYS: String(retentionDays) },
    nodeArguments: ["--import", probeFile],
  });
  try {
    await server.waitUntilReady();
    await waitUntilDone(server.readOutput);
  } finally {
    await server.stop();
  }
  requireEmpty(databasePath);
  return JSON.parse(await readFile(join(folder, "hold.json"), "utf8"));
}

async function waitUntilDone(readOutput: () => Promise<string>): Promise<void> {
  const begin = performance.now();
  while (!(await readOutput()).includes('"housekeeping.done"')) {
    if (performance.now() - begin > maximumMilliseconds)
      throw new Error("The server has not deleted all expired rows.");
    await pause(pollMilliseconds);
  }
}

/** @throws {Error} if expired rows are left. */
function requireEmpty(databasePath: string): void {
  const database = new Database(databasePath, { readonly: true });
  try {
    for (const kind of ["flow", "session", "token_cache", "rate_limit"]) {
      const count = database
        .prepare<[], number>(`SELECT count(*) FROM auth_${kind}`)
        .pluck()
        .get();
      if (count !== 0)
        throw new Error(`${count} rows are left in auth_${kind}.`);
    }
  } finally {
    database.close();
  }
}
