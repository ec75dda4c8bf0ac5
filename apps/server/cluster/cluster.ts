import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEntraEmulator } from "@entrada/entra-emulator";
import { startPostgresServer } from "../../../packages/auth/test/support/postgres-server.js";
import { createBalancer } from "./balancer.js";
import { superviseServer } from "./supervised-server.js";
import type { SupervisedServer } from "./supervised-server.js";

/** What to start. */
export interface ClusterOptions {
  readonly servers: number;
  /** Where the proxy listens; 0 takes a free port. */
  readonly port: number;
  /** A PostgreSQL database that is kept. Default: one that is gone in the end. */
  readonly databaseUrl: string | undefined;
  /** Variables of the servers, besides those that hold the parts together. */
  readonly settings: Readonly<Record<string, string>>;
  /** Is told what happens, and what the servers write. */
  readonly tell: (line: string) => void;
}

/** Several servers behind a proxy, on one PostgreSQL, with an identity provider of their own. */
export interface Cluster {
  /** The address to open. */
  readonly origin: string;
  stop(): Promise<void>;
}

/** Starts everything, and waits until every server is ready. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const releases: (() => Promise<unknown>)[] = [];
  // In the reverse of the order in which it was started.
  const stop = async () => {
    for (const release of releases.toReversed()) await release();
  };
  try {
    const origin = await startParts(options, (release) =>
      releases.push(release),
    );
    return { origin, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  options: ClusterOptions,
  onStop: (release: () => Promise<unknown>) => void,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "entrada-cluster-"));
  onStop(() => rm(folder, { recursive: true }));
  const databaseUrl = options.databaseUrl ?? (await startDatabase(onStop));
  const emulator = await startEntraEmulator();
  onStop(() => emulator.close());
  const servers: SupervisedServer[] = [];
  const balancer = createBalancer(servers);
  // It listens first: the servers have to be told where people reach them.
  const proxy = createServer(balancer.listener);
  const origin = await listen(proxy, options.port);
  onStop(async () => {
    balancer.close();
    proxy.closeAllConnections();
    proxy.close();
  });

  const environment = {
    ...options.settings,
    PATH: process.env["PATH"] ?? "",
    APP_URL: origin,
    DATABASE_URL: databaseUrl,
    AUTH_SECRET: randomBytes(32).toString("base64"),
    ENTRA_AUTHORITY: emulator.origin,
    TRUSTED_PROXIES: "127.0.0.1,::1",
    // A few times as long as the proxy needs to notice.
    STOP_DELAY_SECONDS: "1",
  };
  for (let number = 1; number <= options.servers; number++) {
    const name = `server ${number}`;
    const { tell } = options;
    servers.push(superviseServer({ name, folder, environment, tell }));
  }
  onStop(() => Promise.all(servers.map((server) => server.stop())));
  await Promise.all(servers.map(({ started }) => started));
  return origin;
}

async function startDatabase(
  onStop: (release: () => Promise<unknown>) => void,
): Promise<string> {
  const server = await startPostgresServer();
  onStop(() => server.close());
  return server.url();
}

async function listen(proxy: Server, port: number): Promise<string> {
  proxy.listen(port, "127.0.0.1");
  await once(proxy, "listening");
  const address = proxy.address();
  const taken = typeof address === "object" ? address?.port : undefined;
  return `http://localhost:${taken ?? port}`;
}
