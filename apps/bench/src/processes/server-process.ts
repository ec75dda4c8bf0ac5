import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, readFile } from "node:fs/promises";
import { get } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { onProcessor } from "./pinning.js";

/** How to start a process that listens on a port of localhost. */
export interface ServerOptions {
  readonly program: string;
  /** The working directory, which also receives the output. */
  readonly folder: string;
  readonly port: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly processor: string | undefined;
  /** The executable of Node. */
  readonly node?: string | undefined;
  readonly nodeArguments?: readonly string[] | undefined;
}

/** A process that may still be starting. */
export interface ServerProcess {
  readonly origin: string;
  readonly pid: number;
  /** Requests this path until the status is 200. @throws {Error} with the output if the process exits. */
  waitUntilReady(path?: string): Promise<void>;
  /** Returns the end of what the process has written. */
  readOutput(): Promise<string>;
  /** Ends the process and waits for its exit. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

const pollMilliseconds = 1;
const running = new Set<ChildProcess>();
const outputLength = 4000;

/** Starts a process and returns at once. Its output is written to a file, as it is in production. */
export async function startServer(
  options: ServerOptions,
): Promise<ServerProcess> {
  const { program, folder, port, processor, nodeArguments = [] } = options;
  const { node = process.execPath, environment } = options;
  await mkdir(folder, { recursive: true });
  const log = join(folder, "output.log");
  const file = await open(log, "a");
  const [command = node, ...rest] = onProcessor(processor, [
    node,
    ...nodeArguments,
    program,
  ]);
  const child = spawn(command, rest, {
    cwd: folder,
    env: { PATH: process.env["PATH"], PORT: String(port), ...environment },
    stdio: ["ignore", file.fd, file.fd],
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  await once(child, "spawn");
  await file.close();
  const origin = `http://localhost:${port}`;
  return {
    origin,
    pid: child.pid ?? 0,
    waitUntilReady: (path = "/healthz") =>
      waitUntilReady(child, `${origin}${path}`, log),
    readOutput: () => readOutput(log),
    stop: (signal = "SIGTERM") => stop(child, signal),
  };
}

/** Ends all processes at once when this process is told to end. */
export function stopServersWithThisProcess(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => process.exit(1));
  process.once("exit", () => {
    for (const child of running) child.kill("SIGKILL");
  });
}

/** Returns a port of localhost that is free at the moment. */
export async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, "localhost");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (typeof address === "object" && address !== null) return address.port;
  throw new Error("The operating system returned no port.");
}

async function waitUntilReady(
  child: ChildProcess,
  url: string,
  log: string,
): Promise<void> {
  while (!(await isUp(url))) {
    if (hasEnded(child))
      throw new Error(
        `${child.spawnargs.join(" ")} exited early:\n${await readOutput(log)}`,
      );
    await pause(pollMilliseconds);
  }
}

async function readOutput(log: string): Promise<string> {
  return (await readFile(log, "utf8")).slice(-outputLength);
}

/** Sends a request over a connection of its own. */
function isUp(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    get(url, { agent: false }, (response) => {
      response.resume();
      response.once("end", () => resolve(response.statusCode === 200));
      response.once("error", () => resolve(false));
    }).once("error", () => resolve(false));
  });
}

async function stop(
  child: ChildProcess,
  signal: NodeJS.Signals,
): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
