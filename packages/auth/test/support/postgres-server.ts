import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { createCluster, startCluster } from "./postgres-cluster.js";
import type { Cluster, PostgresSettings } from "./postgres-cluster.js";

/** A PostgreSQL server of our own. */
export interface PostgresServer {
  /** Returns where a database of it is reached. */
  url(database?: string): string;
  /** Stops it as an administrator would: whoever is connected is told, and what is being done is undone. */
  stop(): Promise<void>;
  /** Stops it by `kill -9`, with every process of it. */
  kill(): Promise<void>;
  /** Starts it again, at the same port. */
  start(): Promise<void>;
  /** Stops it and removes all that it has left. */
  close(): Promise<void>;
}

/**
 * Starts a PostgreSQL server at a free port of the loopback interface, in a folder of its own. Nothing of it outlives this
 * process, even if this process is killed.
 *
 * What it has committed outlives its own `kill`, though no power cut: commits are written at once but not synced, unless
 * the settings say otherwise.
 */
export async function startPostgresServer(
  settings: PostgresSettings = {},
): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), "entrada-postgres-"));
  const guard = startGuard(folder);
  try {
    const password = randomBytes(16).toString("hex");
    const cluster = await createCluster(folder, password, settings);
    const { port, running } = await startAtFreePort(cluster);
    return createHandle({ cluster, guard, port, password }, running);
  } catch (error) {
    await endGuard(guard);
    throw error;
  }
}

interface Parts {
  readonly cluster: Cluster;
  readonly guard: ChildProcess;
  readonly port: number;
  readonly password: string;
}

function createHandle(
  { cluster, guard, port, password }: Parts,
  first: ChildProcess,
): PostgresServer {
  let running = first;
  return {
    url: (database = "postgres") =>
      `postgres://postgres:${password}@127.0.0.1:${port}/${database}`,
    stop: () => end(running, "SIGINT"),
    kill: () => kill(running),
    start: async () => {
      running = await startAgain(cluster, port);
    },
    close: () => endGuard(guard),
  };
}

const guardProgram = fileURLToPath(
  new URL("postgres-guard.mjs", import.meta.url),
);

function startGuard(folder: string): ChildProcess {
  // It may outlive the test run for a moment, so it must not hold the run's output open.
  const guard = spawn(process.execPath, [guardProgram, folder], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  guard.unref();
  return guard;
}

async function endGuard(guard: ChildProcess): Promise<void> {
  const ended = once(guard, "exit");
  guard.ref();
  guard.stdin?.end();
  await ended;
}

async function end(server: ChildProcess, signal: NodeJS.Signals) {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, "exit");
  server.kill(signal);
  await ended;
}

// Without their parent, the processes that serve connections would go on until they notice.
async function kill(server: ChildProcess): Promise<void> {
  if (server.pid === undefined) return;
  process.kill(server.pid, "SIGSTOP");
  const children = await listChildren(server.pid);
  await end(server, "SIGKILL");
  for (const pid of children) killIfAlive(pid);
}

async function listChildren(parent: number): Promise<readonly number[]> {
  const listed = await readFile(
    `/proc/${parent}/task/${parent}/children`,
    "utf8",
  )
    // Only Linux has that file.
    .catch(async () => {
      const args = ["-P", String(parent)];
      const { stdout } = await promisify(execFile)("pgrep", args);
      return stdout;
    });
  return listed.split(/\s+/).filter(Boolean).map(Number);
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

const mostPorts = 20;

async function startAtFreePort(cluster: Cluster) {
  for (let number = 1; ; number += 1) {
    const port = await findFreePort();
    try {
      return { port, running: await startCluster(cluster, port) };
    } catch (error) {
      // Somebody else may have taken the port meanwhile.
      if (number === mostPorts) throw error;
    }
  }
}

// Below those that operating systems hand out by themselves, so that nobody gets it while the server is stopped.
async function findFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const probe = createServer().listen(port, "127.0.0.1");
    const isFree = await once(probe, "listening").then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    probe.close();
    await once(probe, "close");
    return port;
  }
}

const mostStarts = 100;

// What a killed server leaves behind keeps the next one from starting until it has noticed.
async function startAgain(cluster: Cluster, port: number) {
  for (let number = 1; ; number += 1) {
    try {
      return await startCluster(cluster, port);
    } catch (error) {
      if (number === mostStarts) throw error;
    }
    await setTimeout(50);
  }
}
