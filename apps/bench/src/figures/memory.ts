import { statSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import Database from "better-sqlite3";
import type { Contestant } from "../contestants/contestant.js";
import { createHttpClient } from "../load/http-client.js";
import { createQueue } from "../load/people.js";
import { signIn } from "../load/visit.js";
import { createProcessMeter } from "../load/meter.js";
import { measureWindow } from "../load/window.js";
import type { Running } from "../processes/contest.js";
import { readMemory } from "../processes/usage.js";
import { quantile } from "../report/statistics.js";
import type { Figure, Measurement } from "./figure.js";
import { createCollector } from "./series.js";

const concurrency = 8;
const sampleMilliseconds = 200;

/**
 * Measures the resident memory of the server after many sign-ins, each of another user, and after a rest, and what these
 * sign-ins leave in the database.
 */
export const measureMemory: Figure = async (measurement) => {
  const { signIns, idleMilliseconds } = measurement;
  const count = signIns.toLocaleString("en");
  const loaded = createCollector({
    title: `memory under load, in the last quarter of ${count} sign-ins`,
    unit: "MB",
  });
  const idle = createCollector({
    title: `memory after ${idleMilliseconds / 1000} s without requests`,
    unit: "MB",
  });
  const database = createCollector({
    title: "database, for each sign-in of a new user",
    unit: "bytes",
  });
  const log = createCollector({
    title: "largest write-ahead log during these sign-ins",
    unit: "MB",
  });
  for (const contestant of measurement.contestants) {
    if (!contestant.hasOwnSignIn) continue;
    const { name, hasDatabase } = contestant;
    const result = await measureOne(measurement, contestant);
    loaded.add(name, result.loadedMegabytes);
    idle.add(name, result.idleMegabytes);
    if (!hasDatabase) continue;
    database.add(name, result.bytes);
    log.add(name, result.logMegabytes);
  }
  return [loaded, idle, database, log].map((one) => one.toSeries());
};

async function measureOne(
  { contest, signIns, idleMilliseconds }: Measurement,
  contestant: Contestant,
) {
  const start = () =>
    contest.start(contestant, { name: `${contestant.name}-memory` });
  const first = await start();
  await first.waitUntilReady();
  await first.stop();
  const emptyBytes = readDatabaseBytes(first);

  const server = await start();
  try {
    await server.waitUntilReady();
    const sampling = startSampling(server);
    await signInMany(server, signIns);
    const { megabytes, logMegabytes } = sampling();
    await pause(idleMilliseconds);
    const idleMegabytes = readMemory(server.pid);
    await server.stop();
    return {
      loadedMegabytes: quantile(
        megabytes.slice(-Math.ceil(megabytes.length / 4)),
        0.5,
      ),
      idleMegabytes,
      bytes: (readDatabaseBytes(server) - emptyBytes) / signIns,
      logMegabytes,
    };
  } finally {
    await server.stop();
  }
}

async function signInMany(
  { origin, pid, contestant }: Running,
  signIns: number,
): Promise<void> {
  const client = createHttpClient(origin, concurrency);
  const nextPerson = createQueue(signIns);
  try {
    await measureWindow(
      createProcessMeter(pid),
      { calls: signIns, milliseconds: Infinity, concurrency },
      () => signIn(client, contestant, nextPerson()),
    );
  } finally {
    await client.close();
  }
}

/** Reads the memory and the size of the write-ahead log regularly until the returned function is called. */
function startSampling({ pid, databasePath }: Running) {
  const megabytes: number[] = [];
  let logMegabytes = 0;
  const sample = () => {
    megabytes.push(readMemory(pid));
    logMegabytes = Math.max(
      logMegabytes,
      readFileBytes(`${databasePath}-wal`) / 1e6,
    );
  };
  const timer = setInterval(sample, sampleMilliseconds);
  return () => {
    clearInterval(timer);
    sample();
    return { megabytes, logMegabytes };
  };
}

/** Returns the size of the database of a stopped server, after what is in the log was moved into it. */
function readDatabaseBytes({ contestant, databasePath }: Running): number {
  if (!contestant.hasDatabase) return 0;
  const database = new Database(databasePath);
  database.pragma("wal_checkpoint(TRUNCATE)");
  database.close();
  return readFileBytes(databasePath);
}

function readFileBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
