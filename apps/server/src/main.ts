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
import { parseConfig, readEnvironment } from "./config/config.js";
import type { Config } from "./config/config.js";
import { waitUntilReady } from "./database/database-start.js";
import { stopOnSignal } from "./graceful-stop.js";
import { createFrontListener } from "./http/front-listener.js";
import { createLateListener } from "./http/late-listener.js";
import { formatAddress, listen, warnOfOtherAddress } from "./http/listening.js";
import { createLog } from "./log.js";
import type { Log } from "./log.js";

const warmUpMilliseconds = 100;
const webRoot = fileURLToPath(new URL("./web", import.meta.url));

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
    if (new URL(auth.appUrl).pathname !== "/")
      all.push(
        "APP_URL has a path, and the web app of this server must be at the root of a host: remove the path, and give the server a host name of its own",
      );
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
  const listener = createFrontListener({ auth, log }, late.listen);
  const server = await listen(listener, config);
  const stop = stopOnSignal(server, log, {
    delaySeconds: config.stopDelaySeconds,
    release: () => auth.close(),
  });
  try {
    // The server listens meanwhile: health checks succeed, and requests that need the database get 503.
    if (!(await waitUntilReady(auth, log, stop.signal))) return;
    logStart(log, server, config, auth);
    // Loading blocks the process for a moment. Health checks and `auth.me` come first; any other request loads at once.
    await pause(warmUpMilliseconds);
    await late.load();
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
  // Only where the web app is built: in development Vite serves it, on another port.
  if (existsSync(webRoot)) warnOfOtherAddress(log, server, appUrl);
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
    // Beside the bundle; `src` has no such folder, and in development Vite serves the web app.
    webRoot: existsSync(webRoot) ? webRoot : undefined,
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
