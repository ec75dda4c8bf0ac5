import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createAuditTrail, createAuth } from "@entrada/auth";
import type { AuditTrail } from "@entrada/auth";
import { createMsalClient } from "@entrada/auth/msal";
import { ConfigError, parseConfig, readEnvironment } from "./config.js";
import type { ClientCredentialConfig, Config } from "./config.js";
import { openDatabase, readDevelopmentSecret } from "./database.js";
import type { OpenDatabase } from "./database.js";
import { createFrontListener } from "./front-listener.js";
import { startHousekeeping } from "./housekeeping.js";
import { createLateListener } from "./late-listener.js";
import { createLog, describeError, logEvent } from "./log.js";
import type { Log } from "./log.js";

const redirectPath = "/auth/callback";
const requestMilliseconds = 30_000;
const stopMilliseconds = 10_000;
const warmUpMilliseconds = 100;
const webRoot = fileURLToPath(new URL("./web", import.meta.url));

void start();

async function start(): Promise<void> {
  try {
    const config = parseConfig(readEnvironment());
    const log = createLog(config.logLevel);
    const database = openDatabase(config.databasePath);
    const auditTrail = createAuditTrail({
      auditStore: database.stores.auditStore,
      onFailure: (error, record) =>
        log.error({ error: describeError(error), record }, "audit.failed"),
    });
    const auth = createSignIn(config, database, auditTrail, log);
    const late = createLateListener(() =>
      loadHttpServer(config, auth, log, database),
    );
    const server = await listen(
      createFrontListener({ auth, log }, late.listen),
      config,
    );
    const stopHousekeeping = startHousekeeping(auth, (error) =>
      log.warn({ error: describeError(error) }, "housekeeping.failed"),
    );
    const stop = stopOnSignal(server, log, () => {
      stopHousekeeping();
      void auditTrail.settle().then(() => database.close());
    });
    const address = formatAddress(server, config);
    const { appUrl, authority, tenant, allowedTenants } = config;
    log.info(
      { address, appUrl, authority, tenant, allowedTenants },
      "server.started",
    );
    warnOfOtherAddress(log, server, config);
    // Loading takes the whole process for a moment. Whoever waits for it to live, or to say who is signed in, is answered
    // first; whoever asks for more has it loaded at once.
    await pause(warmUpMilliseconds);
    await late.load().catch((error: unknown) => {
      stop();
      throw error;
    });
  } catch (error) {
    reportFailure(error);
  }
}

async function loadHttpServer(
  config: Config,
  auth: ReturnType<typeof createAuth>,
  log: Log,
  database: OpenDatabase,
): Promise<RequestListener> {
  const { createRequestListener } = await import("./http-server.js");
  return createRequestListener({
    ...config,
    auth,
    stores: database.stores,
    log,
    // Beside the bundle; `src` has no such folder, and in development Vite serves the web app.
    webRoot: existsSync(webRoot) ? webRoot : undefined,
    checkDatabase: database.check,
  });
}

function createSignIn(
  config: Config,
  { stores }: OpenDatabase,
  auditTrail: AuditTrail,
  log: Log,
): ReturnType<typeof createAuth> {
  const { authority, tenant, clientId, appUrl } = config;
  return createAuth({
    appUrl,
    identityClient: createMsalClient({
      authority,
      tenant,
      clientId,
      redirectUri: new URL(redirectPath, appUrl).href,
      ...toCredential(config.credential),
    }),
    stores,
    secrets: config.authSecrets ?? [readDevelopmentSecret(config.databasePath)],
    allowedTenants: config.allowedTenants,
    session: {
      idleTimeoutSeconds: config.idleTimeoutSeconds,
      absoluteTimeoutSeconds: config.absoluteTimeoutSeconds,
    },
    flow: { timeoutSeconds: config.flowTimeoutSeconds },
    operatorTenantId: config.operatorTenantId,
    onEvent: (event) => {
      logEvent(log, event);
      auditTrail.record(event);
    },
  });
}

function toCredential(
  credential: ClientCredentialConfig,
): Partial<Parameters<typeof createMsalClient>[0]> {
  if (!("federatedTokenFile" in credential)) return credential;
  // The platform writes a new token into the file before the old one expires, so it is read at each exchange.
  return {
    clientAssertion: async () =>
      (await readFile(credential.federatedTokenFile, "utf8")).trim(),
  };
}

async function listen(
  listener: RequestListener,
  { port, host }: Config,
): Promise<Server> {
  const server = createServer(
    { requestTimeout: requestMilliseconds },
    listener,
  );
  return new Promise((resolve, reject) => {
    server.once("error", (error) =>
      reject(toListenError(error, { port, host })),
    );
    server.listen(port, host, () => resolve(server));
  });
}

function toListenError(
  error: NodeJS.ErrnoException,
  { port, host }: Pick<Config, "port" | "host">,
): Error {
  const place = `cannot listen on ${host}:${port} (${error.code ?? error.name})`;
  const isPortsFault = error.code === "EADDRINUSE" || error.code === "EACCES";
  return new ConfigError([
    isPortsFault
      ? `PORT: ${place}: set it to a port that is free and that this user may listen on`
      : `HOST: ${place}: set it to a name or an address of this machine, such as localhost or 0.0.0.0`,
  ]);
}

/**
 * Lets running requests finish, then closes the database; ten seconds, or a second signal, end it at once.
 *
 * @returns What does the same without a signal.
 */
function stopOnSignal(
  server: Server,
  log: Log,
  release: () => void,
): () => void {
  let isStopping = false;
  const stop = (signal?: NodeJS.Signals) => {
    if (isStopping) process.exit(1);
    isStopping = true;
    log.info({ signal }, "server.stopping");
    const deadline = setTimeout(
      () => server.closeAllConnections(),
      stopMilliseconds,
    );
    deadline.unref();
    server.close(() => {
      release();
      log.info("server.stopped");
    });
    server.closeIdleConnections();
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  return () => stop();
}

/** The page would load here, and every request of it be refused as another site's. */
function warnOfOtherAddress(
  log: Log,
  server: Server,
  { appUrl }: Config,
): void {
  const address = server.address();
  const { protocol, port } = new URL(appUrl);
  if (!existsSync(webRoot) || protocol !== "http:") return;
  if (isAddressInfo(address) && String(address.port) !== port) {
    log.warn(
      { appUrl, port: address.port },
      "APP_URL is on another port: open that address, or set APP_URL to this one",
    );
  }
}

function formatAddress(server: Server, { host }: Config): string {
  const address = server.address();
  const port = isAddressInfo(address) ? address.port : 0;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function isAddressInfo(
  address: AddressInfo | string | null,
): address is AddressInfo {
  return typeof address === "object" && address !== null;
}

function reportFailure(error: unknown): void {
  const reason =
    error instanceof Error ? error.message : "The server cannot start.";
  const detail =
    error instanceof ConfigError
      ? ""
      : `\n${JSON.stringify(describeError(error))}`;
  process.stderr.write(`${reason}${detail}\n`);
  process.exitCode = 1;
}
