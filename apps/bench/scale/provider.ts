import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** The emulator in a process of its own, and whom it knows. */
export interface Provider {
  readonly origin: string;
  readonly pid: number | undefined;
  readonly people: readonly string[];
  stop(): void;
}

/** Starts it. */
export async function startProvider(): Promise<Provider> {
  const child = fork(
    fileURLToPath(new URL("provider-process.ts", import.meta.url)),
  );
  const [{ origin, people }] = await once(child, "message");
  return { origin, people, pid: child.pid, stop: () => child.kill() };
}
