import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import { request as sendRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The running `cluster` script, told apart by the lines that it prints. */
export interface ClusterProcess {
  /** The address that it has printed. */
  readonly origin: string;
  readonly output: () => string;
  /** The process IDs of the servers that run now. */
  processes(): readonly number[];
  /** Sends a signal to the process of this server. */
  signal(name: string, signal: NodeJS.Signals): void;
  /** Starts a sign-in from this address of the machine and returns the HTTP status. */
  start(
    localAddress: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<number>;
  /** Asks it to stop and returns how it ended, and what it has left in its folder for temporary files. */
  stop(): Promise<{
    readonly code: number | null;
    readonly files: readonly string[];
  }>;
}

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Runs the script with two servers on free ports, and waits until it is ready. */
export async function startClusterProcess(
  environment: Readonly<Record<string, string>>,
): Promise<ClusterProcess> {
  const folder = await mkdtemp(join(tmpdir(), "entrada-cluster-test-"));
  // PostgreSQL may have to run as somebody else, who passes through here to what is theirs.
  await chmod(folder, 0o711);
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "scripts/cluster.mjs", "--port", "0"],
    {
      cwd: root,
      env: { PATH: process.env["PATH"], TMPDIR: folder, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  const listeners = new Set<() => void>();
  for (const channel of [child.stdout, child.stderr]) {
    channel.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      for (const listener of listeners) listener();
    });
  }
  const closed = once(child, "close");
  const until = (isThere: () => boolean) =>
    new Promise<void>((resolve, reject) => {
      const listener = () => {
        if (!isThere()) return;
        listeners.delete(listener);
        resolve();
      };
      listeners.add(listener);
      void closed.then(() => reject(new Error(`It has ended: ${output}`)));
      listener();
    });

  const readOrigin = () => /is ready on .*: open (\S+)/.exec(output)?.[1];
  await until(() => readOrigin() !== undefined);
  const origin = readOrigin() ?? "";
  return {
    origin,
    output: () => output,
    processes: () =>
      ["server 1", "server 2"].map((name) => readPid(output, name)),
    signal: (name, signal) => {
      process.kill(readPid(output, name), signal);
    },
    start: (localAddress, headers) =>
      startSignIn(origin, localAddress, headers),
    stop: async () => {
      child.kill("SIGTERM");
      await closed;
      const left = await readdir(folder).catch(() => []);
      await rm(folder, { recursive: true, force: true });
      // The compiler's cache is the compiler's.
      const files = left.filter((name) => !name.startsWith("tsx-"));
      return { code: child.exitCode, files };
    },
  };
}

/** The process of this server's latest life. */
function readPid(output: string, name: string): number {
  const lives = output.matchAll(
    new RegExp(`^${name}: ready at .*, process (\\d+)$`, "gm"),
  );
  return Number([...lives].at(-1)?.[1]);
}

function startSignIn(
  origin: string,
  localAddress: string,
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  const { port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const request = sendRequest({
      host: "127.0.0.1",
      port,
      path: "/trpc/auth.login",
      method: "POST",
      localAddress,
      headers: {
        ...headers,
        host: new URL(origin).host,
        "x-csrf": "1",
        "content-type": "application/json",
      },
    });
    request.once("error", reject);
    request.once("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.end("{}");
  });
}
