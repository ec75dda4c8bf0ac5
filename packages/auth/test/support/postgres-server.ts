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

/** A PostgreSQL server for tests. */
export interface PostgresServer {
  /** Returns the URL of a database. */
  url(database?: string): string;
  /** Stops it as an administrator does: connections receive an error, and open transactions are rolled back. */
  stop(): Promise<void>;
  /** Kills all its processes by SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again at the same port. */
  start(): Promise<void>;
  /** Stops it and removes its files. */
  close(): Promise<void>;
}

/**
 * Starts a PostgreSQL server at a free port of the loopback interface, in a separate folder. It is stopped and removed
 * when this process ends, even if this process is killed.
 *
 * Committed data survives `kill` but not a power failure, because commits are written but not synced, unless the
 * settings change that.
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
  // The guard may outlive the test run for a moment, so it must not keep the run's output open.
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

// Without their parent, the server processes of connections would continue for a while.
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
    // Only Linux has this file.
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
    // The process has already exited.
  }
}

const mostPorts = 20;

async function startAtFreePort(cluster: Cluster) {
  for (let number = 1; ; number += 1) {
    const port = await findFreePort();
    try {
      return { port, running: await startCluster(cluster, port) };
    } catch (error) {
      // Another process may use the port now.
      if (number === mostPorts) throw error;
    }
  }
}

// Below the ephemeral ports of operating systems, so that it stays free while the server is stopped.
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

// The next server cannot start until it detects that the files of the killed server are stale.
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
