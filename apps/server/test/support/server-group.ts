import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { demoApp, startEntraEmulator } from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { startServerProcess } from "./processes.js";
import type { ServerProcess } from "./processes.js";
import { createVisitor } from "./visitor.js";
import type { Visitor } from "./visitor.js";

/** Several processes of the built server behind one origin and with one database, and their identity provider. */
export interface ServerGroup {
  readonly appUrl: string;
  readonly emulator: EntraEmulator;
  /** The current processes. */
  readonly servers: readonly ServerProcess[];
  readonly databasePath: string;
  /** Creates a visitor whose requests go to this server. */
  createVisitor(index?: number): BalancedVisitor;
  /** Starts a new process in place of this one, which has exited. */
  restart(index: number): Promise<void>;
  stop(): Promise<void>;
}

/** A visitor behind a load balancer. */
export interface BalancedVisitor extends Visitor {
  /** Sends the following requests to this server. */
  goTo(index: number): void;
}

const appUrl = "https://app.example.test";
const clientId = "00000000-0000-4000-8000-0000000000c3";
const clientSecret = "secret of the app on a group of servers";

/** The variables of every server, or of each server by its index. */
export type GroupEnvironment =
  | Readonly<Record<string, string>>
  | ((index: number) => Readonly<Record<string, string>>);

/** Starts this number of servers at once. Each finds an empty database and tries to migrate it. */
export async function startServerGroup(
  count: number,
  environment: GroupEnvironment = {},
): Promise<ServerGroup> {
  const emulator = await startEntraEmulator();
  emulator.addApp({
    ...demoApp,
    clientId,
    clientSecret,
    redirectUris: [`${appUrl}/auth/callback`, `${appUrl}/`],
  });
  const folder = await mkdtemp(join(tmpdir(), "entrada-group-"));
  const databasePath = join(folder, "entrada.db");
  const start = (index: number) =>
    startServerProcess({
      authority: emulator.origin,
      databasePath,
      environment: {
        APP_URL: appUrl,
        AUTH_SECRET: Buffer.alloc(32, 5).toString("base64"),
        ENTRA_CLIENT_ID: clientId,
        ENTRA_CLIENT_SECRET: clientSecret,
        ...(typeof environment === "function"
          ? environment(index)
          : environment),
      },
    });
  const servers = await Promise.all(
    Array.from({ length: count }, (_, index) => start(index)),
  );
  return {
    appUrl,
    emulator,
    servers,
    databasePath,
    createVisitor: (index = 0) => createBalancedVisitor(servers, index),
    restart: async (index) => {
      servers[index] = await start(index);
    },
    stop: async () => {
      await Promise.all(servers.map((server) => server.stop()));
      await emulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function createBalancedVisitor(
  servers: readonly ServerProcess[],
  first: number,
): BalancedVisitor {
  let index = first;
  const proxies = {
    // Looked up for each request, because the process may have been restarted.
    get [appUrl]() {
      return servers[index]?.origin ?? "";
    },
  };
  const goTo = (next: number) => {
    index = next;
  };
  return { ...createVisitor(appUrl, { proxies }), goTo };
}
