import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Contestant } from "../contestants/contestant.js";
import { providerFile } from "./build-servers.js";
import type { Pinning } from "./pinning.js";
import { findFreePort, startServer } from "./server-process.js";
import type { ServerProcess } from "./server-process.js";

/** Starts contestants beside one identity provider. */
export interface Contest {
  /** Starts a contestant in a folder of its own, which a later start with the same name uses again. */
  start(contestant: Contestant, options?: StartOptions): Promise<Running>;
  /** Stops the provider and deletes all folders. */
  close(): Promise<void>;
}

export interface StartOptions {
  /** Distinguishes several folders of a contestant. */
  readonly name?: string | undefined;
  readonly databasePath?: string | undefined;
  readonly nodeArguments?: readonly string[] | undefined;
}

/** A contestant whose process has been started. */
export interface Running extends ServerProcess {
  readonly contestant: Contestant;
  readonly databasePath: string;
}

export async function openContest({
  pinning,
  node,
}: {
  readonly pinning: Pinning | undefined;
  readonly node: string | undefined;
}): Promise<Contest> {
  const folder = await mkdtemp(join(tmpdir(), "entrada-bench-"));
  const provider = await startServer({
    program: providerFile,
    folder: join(folder, "provider"),
    port: await findFreePort(),
    environment: {},
    processor: pinning?.provider,
  });
  await provider.waitUntilReady();
  return {
    start: async (contestant, options = {}) => {
      const { name, nodeArguments } = options;
      const own = join(folder, name ?? contestant.name);
      const { databasePath = join(own, "bench.db") } = options;
      const port = await findFreePort();
      const origin = `http://localhost:${port}`;
      const server = await startServer({
        program: contestant.program,
        folder: own,
        port,
        environment: contestant.environment({
          port,
          origin,
          provider: provider.origin,
          databasePath,
        }),
        processor: pinning?.server,
        node,
        nodeArguments,
      });
      return { ...server, contestant, databasePath };
    },
    close: async () => {
      await provider.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
