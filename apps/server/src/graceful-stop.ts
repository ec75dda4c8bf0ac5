import type { Server } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { describeError } from "@entrada/auth/environment";
import type { Log } from "./log.js";

const stopMilliseconds = 10_000;
const exitMilliseconds = 1000;

/** Controls the stop of the server. */
export interface GracefulStop {
  /** Aborted when the server begins to stop: it should receive no new requests. */
  readonly signal: AbortSignal;
  /** Stops without a signal from the operating system. */
  readonly now: () => void;
}

/** The parts of a graceful stop. */
export interface StopOptions {
  /** How long to serve requests while not ready, until no new ones arrive. */
  readonly delaySeconds: number;
  /** Releases what the requests used, after the last response. */
  readonly release: () => Promise<void>;
}

/**
 * On SIGTERM or SIGINT waits at most ten seconds for running requests, then releases resources. A second signal ends
 * the process at once.
 */
export function stopOnSignal(
  server: Server,
  log: Log,
  { delaySeconds, release }: StopOptions,
): GracefulStop {
  const stopping = new AbortController();
  const stop = async (delayMilliseconds: number) => {
    stopping.abort();
    await pause(delayMilliseconds);
    await close(server);
    await release().catch((error: unknown) =>
      log.error({ error: describeError(error) }, "server.stop_failed"),
    );
    // Open connections to an unresponsive database would keep the process alive.
    setTimeout(() => process.exit(), exitMilliseconds).unref();
  };
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping.signal.aborted) process.exit(1);
    log.info({ signal }, "server.stopping");
    void stop(delaySeconds * 1000).then(() => log.info("server.stopped"));
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  return {
    signal: stopping.signal,
    now: () => {
      if (!stopping.signal.aborted) void stop(0);
    },
  };
}

async function close(server: Server): Promise<void> {
  const deadline = setTimeout(
    () => server.closeAllConnections(),
    stopMilliseconds,
  );
  deadline.unref();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
