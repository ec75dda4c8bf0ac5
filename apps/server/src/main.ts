import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { RequestListener, Server } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { AuthError, createAuditTrail, createAuth } from "@entrada/auth";
import type { AuditTrail } from "@entrada/auth";
import { createClientAddressReader } from "@entrada/auth/http";
import type { ReadClientAddress } from "@entrada/auth/http";
import { createMsalClient } from "@entrada/auth/msal";
import { ConfigError, parseConfig, readEnvironment } from "./config/config.js";
import type { ClientCredentialConfig, Config } from "./config/config.js";
import { openDatabase } from "./database/database.js";
import type { OpenDatabase } from "./database/open-database.js";
import { migrateWhenReachable } from "./database/database-start.js";
import { readDevelopmentSecret } from "./config/development-secret.js";
import { createFrontListener } from "./http/front-listener.js";
import { keepHouse } from "./database/housekeeping.js";
import { createLateListener } from "./http/late-listener.js";
import { stopOnSignal } from "./graceful-stop.js";
import { formatAddress, listen, warnOfOtherAddress } from "./http/listening.js";
import { createLog, describeError, logEvent } from "./log.js";
import type { Log } from "./log.js";
import {
  describeProxies,
  warnOfCertificate,
  warnOfUntrustedProxy,
} from "./operator-notes.js";
import { checkTenant } from "./provider-check.js";

const redirectPath = "/auth/callback";
const warmUpMilliseconds = 100;
/** How long remaining entries of the audit trail are stored at the end. Others are logged. */
const auditMilliseconds = 2000;
const webRoot = fileURLToPath(new URL("./web", import.meta.url));

void start();

async function start(): Promise<void> {
  try {
    const config = parseConfig(readEnvironment());
    const log = createLog(config.logLevel);
    await serve(config, await openDatabase(config, log), log);
  } catch (error) {
    reportFailure(error);
  }
}

async function serve(
  config: Config,
  database: OpenDatabase,
  log: Log,
): Promise<void> {
  const auditTrail = createAuditTrail({
    auditStore: database.stores.auditStore,
    onFailure: (error, record) =>
      log.error({ error: describeError(error), record }, "audit.failed"),
  });
  const auth = createSignIn(config, database, auditTrail, log);
  const readClientAddress = createClientAddressReader(config.trustedProxies, {
    onUntrustedProxy: (peerAddress) => warnOfUntrustedProxy(log, peerAddress),
  });
  const late = createLateListener(() =>
    loadHttpServer(config, auth, readClientAddress, log, {
      ...database,
      check: () => (stop.signal.aborted ? refuseToBeReady() : database.check()),
    }),
  );
  const server = await listen(
    createFrontListener({ auth, readClientAddress, log }, late.listen),
    config,
  );
  let housekeeping: Promise<void> | undefined;
  const stop = stopOnSignal(server, log, {
    delaySeconds: config.stopDelaySeconds,
    release: async () => {
      await housekeeping;
      await auditTrail.settle(AbortSignal.timeout(auditMilliseconds));
      await database.close();
    },
  });
  try {
    // The server is already listening: `/healthz` works, and requests that need the database fail with 503.
    await migrateWhenReachable(database, log, stop.signal);
    if (stop.signal.aborted) return;
    housekeeping = keepHouse({ auth, database, log, signal: stop.signal });
    logStart(log, server, config);
    const { authority, tenant, clientId } = config;
    void checkTenant(log, { authority, tenant, clientId });
    // Loading blocks the process for a moment, so waiting requests for `/healthz` and `auth.me` are handled first. Any
    // other request loads the modules at once.
    await pause(warmUpMilliseconds);
    await late.load();
  } catch (error) {
    stop.now();
    throw error;
  }
}

// Requests that have already arrived are still handled.
async function refuseToBeReady(): Promise<never> {
  throw new AuthError("store_unavailable", "The server is stopping.");
}

function logStart(log: Log, server: Server, config: Config): void {
  const address = formatAddress(server, config);
  const { appUrl, authority, tenant, allowedTenants } = config;
  // Logs who may sign in, because a mistake there could stay unnoticed.
  log.info(
    {
      address,
      appUrl,
      authority,
      tenant,
      allowedTenants,
      proxies: describeProxies(config.proxies),
    },
    "server.started",
  );
  warnOfCertificate(log, config.credential);
  // Only if the web app is built. In development Vite serves it on another port.
  if (existsSync(webRoot)) warnOfOtherAddress(log, server, config);
}

async function loadHttpServer(
  config: Config,
  auth: ReturnType<typeof createAuth>,
  readClientAddress: ReadClientAddress,
  log: Log,
  database: OpenDatabase,
): Promise<RequestListener> {
  const { createRequestListener } = await import("./http/http-server.js");
  return createRequestListener({
    ...config,
    auth,
    readClientAddress,
    stores: database.stores,
    log,
    // The folder exists only beside the bundle. In development Vite serves the web app.
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
    secrets: config.authSecrets ?? [readDevelopmentSecret(config.database)],
    allowedTenants: config.allowedTenants,
    session: {
      idleTimeoutSeconds: config.idleTimeoutSeconds,
      absoluteTimeoutSeconds: config.absoluteTimeoutSeconds,
    },
    flow: { timeoutSeconds: config.flowTimeoutSeconds },
    // No other app uses the origin of the web app.
    signOut: { clearsStorage: true },
    hstsIncludeSubDomains: config.hstsIncludeSubDomains,
    operatorTenantId: config.operatorTenantId,
    auditRetentionDays: config.auditRetentionDays,
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
  // Read at each exchange, because the platform replaces the token before it expires.
  return {
    clientAssertion: async () =>
      (await readFile(credential.federatedTokenFile, "utf8")).trim(),
  };
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
