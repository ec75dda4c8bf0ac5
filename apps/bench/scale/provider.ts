import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** The emulator in a separate process, and its people. */
export interface Provider {
  readonly origin: string;
  readonly pid: number | undefined;
  readonly people: readonly string[];
  stop(): void;
}

export async function startProvider(): Promise<Provider> {
  const child = fork(
    fileURLToPath(new URL("provider-process.ts", import.meta.url)),
  );
  const [{ origin, people }] = await once(child, "message");
  return { origin, people, pid: child.pid, stop: () => child.kill() };
}
