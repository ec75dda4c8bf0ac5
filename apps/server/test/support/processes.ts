import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text as readText } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** How to start the built server. Omitted variables have the development defaults. */
export interface ServerProcessOptions {
  /** The emulator's origin. */
  readonly authority: string;
  /** A file that other processes may share. Defaults to a separate one, which is deleted after the stop. */
  readonly databasePath?: string | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** The path of APP_URL, such as `/hr`. Defaults to none. */
  readonly appPath?: string | undefined;
  /** The log message to wait for. Defaults to `server.started`. */
  readonly until?: string | undefined;
}

/** A running `node dist/main.js`. */
export interface ServerProcess {
  /** The origin of `APP_URL`, such as `http://localhost:40123`. */
  readonly origin: string;
  readonly port: number;
  readonly databasePath: string;
  readonly pid: number | undefined;
  /** Returns everything that it has written to stdout and stderr. */
  readonly output: () => string;
  /** Returns the exit code, or the signal that ended the process; `undefined` while it runs. */
  readonly ending: () => number | NodeJS.Signals | undefined;
  /** Sends the signal, waits until the process has exited, and returns its exit code. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | undefined>;
}

const serverProgram = fileURLToPath(
  new URL("../../dist/main.js", import.meta.url),
);
const attempts = 5;

/** Starts the built server on a free port and waits for its log message. @throws {Error} with its output if it exits. */
export async function startServerProcess(
  options: ServerProcessOptions,
): Promise<ServerProcess> {
  const folder = await mkdtemp(join(tmpdir(), "entrada-server-"));
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(options, folder, await findFreePort());
    } catch (error) {
      // Another process may have taken the port in the meantime.
      if (attempt < attempts && isPortTaken(error)) continue;
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }
}

/** Returns a loopback port that is free at the moment. */
export async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, "localhost");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (typeof address === "object" && address !== null) return address.port;
  throw new Error("The operating system returned no port.");
}

async function start(
  {
    authority,
    databasePath,
    environment,
    appPath = "",
    until = "server.started",
  }: ServerProcessOptions,
  folder: string,
  port: number,
): Promise<ServerProcess> {
  const origin = `http://localhost:${port}`;
  const database = databasePath ?? join(folder, "entrada.db");
  const child = spawn(process.execPath, [serverProgram], {
    // A separate folder, so that the developer's `.env` is not read.
    cwd: folder,
    env: {
      PATH: process.env["PATH"],
      PORT: String(port),
      APP_URL: `${origin}${appPath}`,
      DATABASE_URL: `file:${database}`,
      ENTRA_AUTHORITY: authority,
      // All tests have the same address.
      SIGN_IN_RATE_PER_MINUTE: "0",
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = collectOutput(child);
  await waitUntilLogged(child, output, until);
  return {
    origin,
    port,
    databasePath: database,
    pid: child.pid,
    output,
    ending: () => child.exitCode ?? child.signalCode ?? undefined,
    stop: async (signal = "SIGTERM") => {
      const code = await stop(child, signal);
      await rm(folder, { recursive: true, force: true });
      return code;
    },
  };
}

function collectOutput({ stdout, stderr }: ChildProcess): () => string {
  let output = "";
  const collect = (chunk: unknown) => {
    output += String(chunk);
  };
  stdout?.on("data", collect);
  stderr?.on("data", collect);
  return () => output;
}

async function waitUntilLogged(
  child: ChildProcess,
  output: () => string,
  message: string,
): Promise<void> {
  const ended = once(child, "close").then(() => {
    throw new Error(`The server exited early:\n${output()}`);
  });
  const started = new Promise<void>((resolve) => {
    child.stdout?.on("data", () => {
      if (output().includes(`"${message}"`)) resolve();
    });
  });
  await Promise.race([started, ended]);
  ended.catch(() => undefined);
}

async function stop(
  child: ChildProcess,
  signal: NodeJS.Signals,
): Promise<number | undefined> {
  if (child.exitCode === null && child.signalCode === null) {
    const closed = once(child, "close");
    child.kill(signal);
    await closed;
  }
  return child.exitCode ?? undefined;
}

function isPortTaken(error: unknown): boolean {
  return error instanceof Error && error.message.includes("cannot listen on");
}

/** The outcome of a process that has exited. */
export interface EndedProcess {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built server with only this environment until it exits. */
export async function runServerProcess(
  environment: Readonly<Record<string, string>>,
  folder: string,
): Promise<EndedProcess> {
  const child = spawn(process.execPath, [serverProgram], {
    cwd: folder,
    env: { PATH: process.env["PATH"], ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    // Ends a server that starts unexpectedly.
    timeout: 15_000,
  });
  const [stdout, stderr] = await Promise.all([
    readText(child.stdout),
    readText(child.stderr),
    once(child, "close"),
  ]);
  return { code: child.exitCode, stdout, stderr };
}
