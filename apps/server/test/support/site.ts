import { startEntraEmulator } from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { startServerProcess } from "./processes.js";
import type { ServerProcess } from "./processes.js";
import { createVisitor } from "./visitor.js";
import type { Visitor, VisitorOptions } from "./visitor.js";

/** The built server and its identity provider. */
export interface Site {
  readonly emulator: EntraEmulator;
  readonly server: ServerProcess;
  readonly origin: string;
  createVisitor(options?: VisitorOptions): Visitor;
  stop(): Promise<void>;
}

export interface SiteOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly databasePath?: string;
  /** A shared emulator, which `stop` leaves running. */
  readonly emulator?: EntraEmulator;
}

/** Starts the server, and an emulator if none is given. */
export async function startSite(options: SiteOptions = {}): Promise<Site> {
  const emulator = options.emulator ?? (await startEntraEmulator());
  const server = await startServerProcess({
    authority: emulator.origin,
    environment: options.environment,
    databasePath: options.databasePath,
  }).catch(async (error: unknown) => {
    if (options.emulator === undefined) await emulator.close();
    throw error;
  });
  return {
    emulator,
    server,
    origin: server.origin,
    createVisitor: (visitorOptions) =>
      createVisitor(server.origin, visitorOptions),
    stop: async () => {
      await server.stop();
      if (options.emulator === undefined) await emulator.close();
    },
  };
}
