import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { findFreePort } from "../test/support/processes.js";

/** How to start a server, and whom to tell what it says. */
export interface ServerProcessOptions {
  readonly name: string;
  /** Where it runs. No `.env` is there, so nothing else is read. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly tell: (line: string) => void;
}

/** One life of a server. */
export interface ServerLife {
  readonly origin: string;
  readonly pid: number | undefined;
  /** Resolves when it is over, with its exit code or the signal that ended it. */
  readonly over: Promise<number | NodeJS.Signals>;
  stop(): void;
}

const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const stopMilliseconds = 20_000;

/** Starts the built server on a free port. */
export async function startLife({
  name,
  folder,
  environment,
  tell,
}: ServerProcessOptions): Promise<ServerLife> {
  const port = await findFreePort();
  const child = spawn(process.execPath, [program], {
    cwd: folder,
    env: { ...environment, PORT: String(port) },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: a Ctrl+C reaches this process alone, which lets the servers finish.
    detached: true,
  });
  for (const output of [child.stdout, child.stderr])
    createInterface(output).on("line", (line) => tell(`${name} | ${line}`));
  return {
    origin: `http://localhost:${port}`,
    pid: child.pid,
    over: readEnding(child),
    stop: () => stop(child),
  };
}

async function readEnding(
  child: ChildProcess,
): Promise<number | NodeJS.Signals> {
  await once(child, "close");
  return child.signalCode ?? child.exitCode ?? 1;
}

function stop(child: ChildProcess): void {
  const force = setTimeout(() => child.kill("SIGKILL"), stopMilliseconds);
  child.once("close", () => clearTimeout(force));
  child.kill("SIGTERM");
}
