import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Database } from "better-sqlite3";

/** What keeps SQLite's write-ahead log short. */
export interface Checkpoints {
  /** Resolves when the log is short: who writes in bulk waits for that now and then. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

/** So many pages wait in the log before they are moved; SQLite's own measure. */
const pages = 1000;
/** So many are too many even so: then whoever writes next moves them, as everybody does without all this. */
const emergencyPages = 20_000;
/** The log's file is cut to this once it starts anew. */
const fileBytes = 64 * 1024 * 1024;
const watchMilliseconds = 1000;

/**
 * Moves what was written from the write-ahead log into the database file, in a thread of its own. Left to itself, SQLite
 * does that within some unlucky write, which then takes ten times as long or, on a slow disk, a hundred times; and nobody
 * else is answered meanwhile.
 *
 * @param onFailure Told once if the thread cannot work. SQLite is then left to itself.
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

/** Prepares the question how many pages wait in the log. */
function prepareCount(client: Database): () => number {
  // It tells how the log stands and does nothing: https://sqlite.org/pragma.html#pragma_wal_checkpoint
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

function startWorker(file: string): Worker {
  const worker = new Worker(program, { workerData: file });
  // What goes wrong is told to whoever waits; without a listener of its own it would end the process.
  worker.on("error", () => undefined);
  worker.unref();
  return worker;
}

const program = new URL("./checkpoint-worker.mjs", import.meta.url);

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
