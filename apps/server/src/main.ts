import { existsSync } from "node:fs";
import type { RequestListener, Server } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { AuthError } from "@entrada/auth";
import {
  EnvironmentError,
  createAuthFromEnvironment,
  describeError,
} from "@entrada/auth/environment";
import type { EnvironmentAuth } from "@entrada/auth/environment";
import { saveCompileCache } from "./compile-cache.js";
import { parseConfig, readEnvironment } from "./config/config.js";
import type { Config } from "./config/config.js";
import { waitUntilReady } from "./database/database-start.js";
import { stopOnSignal } from "./graceful-stop.js";
import { createFrontListener } from "./http/front-listener.js";
import { createLateListener } from "./http/late-listener.js";
import { formatAddress, listen, warnOfOtherAddress } from "./http/listening.js";
import { readWebPage } from "./http/web-page.js";
import { createLog } from "./log.js";
import type { Log } from "./log.js";

/** How long the first requests have the process to themselves before it opens the database. */
const firstRequestsMilliseconds = 20;
/** How long requests have the process to themselves before it loads the modules of the HTTP server. */
const warmUpMilliseconds = 100;
const webFolder = fileURLToPath(new URL("./web", import.meta.url));
/** The built web app, beside the bundle. In development there is none, and Vite serves the web app on another port. */
const webRoot = existsSync(webFolder) ? webFolder : undefined;

void start();

async function start(): Promise<void> {
  try {
    const env = readEnvironment();
    const { config, findings } = parseConfig(env);
    const log = createLog(config.logLevel);
    const auth = createAuthFromEnvironment({
      env,
      logger: log,
      // No other application shares the origin of the web app.
      signOut: { clearsStorage: true },
    });
    requireSoundEnvironment(auth, findings);
    await serve(config, auth, log);
  } catch (error) {
    reportFailure(error);
  }
}

/** @throws {EnvironmentError} with the findings of the server and of the sign-in layer together. */
function requireSoundEnvironment(
  auth: EnvironmentAuth,
  findings: readonly string[],
): void {
  const all = [...findings];
  try {
    // The first use reads the variables.
    void auth.appUrl;
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    all.push(...error.findings);
  }
  if (all.length > 0) throw new EnvironmentError(all);
}

async function serve(
  config: Config,
  auth: EnvironmentAuth,
  log: Log,
): Promise<void> {
  const late = createLateListener(() =>
    loadHttpServer(auth, log, () =>
      stop.signal.aborted ? refuseToBeReady() : auth.ready(),
    ),
  );
  const createPage =
    webRoot === undefined ? undefined : readWebPage(webRoot, auth);
  const listener = createFrontListener({ auth, createPage }, late.listen);
  const server = await listen(listener, config);
  const stop = stopOnSignal(server, log, {
    delaySeconds: config.stopDelaySeconds,
    release: () => auth.close(),
  });
  try {
    // Opening the database blocks the process for a moment. Health checks and the page come first; a request that needs
    // the database opens it at once.
    await pause(firstRequestsMilliseconds);
    // The server listens meanwhile: health checks succeed, and requests that need the database get 503.
    if (!(await waitUntilReady(auth, log, stop.signal))) return;
    logStart(log, server, config, auth);
    // Loading blocks the process for a moment. Health checks and `auth.me` come first; any other request loads at once.
    await pause(warmUpMilliseconds);
    await late.load();
    saveCompileCache();
  } catch (error) {
    stop.now();
    throw error;
  }
}

async function refuseToBeReady(): Promise<never> {
  throw new AuthError("store_unavailable", "The server is stopping.");
}

function logStart(
  log: Log,
  server: Server,
  config: Config,
  { appUrl }: EnvironmentAuth,
): void {
  log.info(
    { address: formatAddress(server, config), appUrl },
    "server.started",
  );
  if (webRoot !== undefined) warnOfOtherAddress(log, server, appUrl);
}

async function loadHttpServer(
  auth: EnvironmentAuth,
  log: Log,
  checkDatabase: () => Promise<void>,
): Promise<RequestListener> {
  const { createRequestListener } = await import("./http/http-server.js");
  return createRequestListener({
    auth,
    log,
    checkDatabase,
    webRoot,
  });
}

function reportFailure(error: unknown): void {
  const reason =
    error instanceof Error ? error.message : "The server cannot start.";
  const detail =
    error instanceof EnvironmentError
      ? ""
      : `\n${JSON.stringify(describeError(error))}`;
  process.stderr.write(`${reason}${detail}\n`);
  process.exitCode = 1;
}
