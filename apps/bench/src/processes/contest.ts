import { rmSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
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
  /** Creates the folder of the contestant that will be started with this name. */
  createFolder(name: string): Promise<string>;
  /** Stops the provider and deletes all folders. */
  close(): Promise<void>;
}

export interface StartOptions {
  /** Distinguishes several folders of a contestant. */
  readonly name?: string | undefined;
  readonly databasePath?: string | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
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
  nodeArguments,
}: {
  readonly pinning: Pinning | undefined;
  readonly node: string | undefined;
  /** Arguments of Node for all contestants. */
  readonly nodeArguments: readonly string[];
}): Promise<Contest> {
  const folder = await mkdtemp(join(tmpdir(), "entrada-bench-"));
  // Also after a signal.
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
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
      const { name, nodeArguments: own = [] } = options;
      const place = join(folder, name ?? contestant.name);
      const { databasePath = join(place, "bench.db") } = options;
      const port = await findFreePort();
      const origin = `http://localhost:${port}`;
      const server = await startServer({
        program: contestant.program,
        folder: place,
        port,
        environment: {
          ...contestant.environment({
            port,
            origin,
            provider: provider.origin,
            databasePath,
          }),
          ...options.environment,
        },
        processor: pinning?.server,
        node,
        nodeArguments: [...nodeArguments, ...own],
      });
      return { ...server, contestant, databasePath };
    },
    createFolder: async (name) => {
      const own = join(folder, name);
      await mkdir(own, { recursive: true });
      return own;
    },
    close: async () => {
      await provider.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
