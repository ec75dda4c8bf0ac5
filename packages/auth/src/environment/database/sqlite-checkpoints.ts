import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Database } from "better-sqlite3";

/** Keeps SQLite's write-ahead log short. */
export interface Checkpoints {
  /** Resolves when the log is short. Bulk writes wait for this between batches. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

/** The thread moves the pages once this many are in the log. SQLite's own default. */
const pages = 1000;
/** The thread moves all pages, so that the log starts from the beginning, once this many are in the log. */
const fullPages = 2000;
/** How long the thread blocks writers for that. A reader that takes longer, such as a backup, must not stop sign-ins. */
const fullMilliseconds = 20;
/** SQLite itself moves the pages, within a write, once this many are in the log. */
const emergencyPages = 4000;
/** The log file is truncated to this size when the log starts from the beginning. */
const fileBytes = 16 * 1024 * 1024;
/** At full rate, sign-ins write some 2000 pages in this time. */
const watchMilliseconds = 200;

/**
 * Starts a thread that moves pages from the write-ahead log into the database file. Without it, SQLite does that within
 * a write, which then takes ten times as long, or a hundred times on a slow disk, and blocks all other requests.
 *
 * @param onFailure Called once if the thread fails. SQLite then performs its checkpoints itself.
 */
export function startCheckpoints(
  client: Database,
  onFailure: (error: unknown) => void,
): Checkpoints {
  client.pragma(`wal_autocheckpoint = ${emergencyPages}`);
  client.pragma(`journal_size_limit = ${fileBytes}`);
  const countWaiting = prepareCount(client);
  let worker: Worker | undefined;
  let running: Promise<void> | undefined;
  let hasFailed = false;

  const fail = (error: unknown) => {
    hasFailed = true;
    client.pragma(`wal_autocheckpoint = ${pages}`);
    onFailure(error);
  };
  const checkpointWhenLong = async () => {
    if (countWaiting() < pages) return;
    worker ??= startWorker(client.name);
    await checkpoint(worker);
  };
  const settle = async () => {
    if (hasFailed || !client.open) return;
    running ??= checkpointWhenLong()
      .catch(fail)
      .finally(() => {
        running = undefined;
      });
    await running;
  };
  const timer = setInterval(() => void settle(), watchMilliseconds).unref();
  return {
    settle,
    stop: async () => {
      clearInterval(timer);
      await running;
      await stopWorker(worker);
    },
  };
}

/** Prepares the query for the number of pages in the log. */
function prepareCount(client: Database): () => number {
  // Reports the state of the log without a checkpoint: https://sqlite.org/pragma.html#pragma_wal_checkpoint
  const ask = client.prepare<[], LogState>("PRAGMA wal_checkpoint(NOOP)");
  return () => {
    const { log = 0, checkpointed = 0 } = ask.get() ?? {};
    return log - checkpointed;
  };
}

interface LogState {
  readonly log: number;
  readonly checkpointed: number;
}

// A string, so that bundlers need no second file. It receives the path of the driver, because it cannot resolve it.
const program = `
const { parentPort, workerData } = require("node:worker_threads");
const Database = require(workerData.driver);
const { file, fullPages, timeout } = workerData;
const client = new Database(file, { fileMustExist: true, timeout });
parentPort.on("message", (message) => {
  if (message === "stop") {
    client.close();
    parentPort.close();
    return;
  }
  // Passive: it does not wait for readers or writers, and does not block them. While others write, it never reaches the
  // end of the log, which then never starts from the beginning.
  const [{ log }] = client.pragma("wal_checkpoint(PASSIVE)");
  // Blocks writers for the few pages that are left. The stores then retry.
  if (log >= fullPages) client.pragma("wal_checkpoint(FULL)");
  parentPort.postMessage("done");
});
`;

function startWorker(file: string): Worker {
  // Not imported, because bundlers follow an imported `createRequire` and would include the driver.
  const { createRequire } = process.getBuiltinModule("node:module");
  const driver = createRequire(import.meta.url).resolve("better-sqlite3");
  const worker = new Worker(program, {
    eval: true,
    // The options of this process could make the program an ES module.
    execArgv: [],
    workerData: { driver, file, fullPages, timeout: fullMilliseconds },
  });
  // The caller of `checkpoint` receives the error. Without a listener here, it would end the process.
  worker.on("error", () => undefined);
  worker.unref();
  return worker;
}

async function checkpoint(worker: Worker): Promise<void> {
  worker.postMessage("checkpoint");
  await once(worker, "message");
}

async function stopWorker(worker: Worker | undefined): Promise<void> {
  if (worker === undefined || worker.threadId === -1) return;
  worker.ref();
  worker.postMessage("stop");
  await once(worker, "exit").catch(() => undefined);
}
