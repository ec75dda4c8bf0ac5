import type { Server } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { describeError } from "./log.js";
import type { Log } from "./log.js";

const stopMilliseconds = 10_000;
const farewellMilliseconds = 1000;

/** How the server comes to its end. */
export interface GracefulStop {
  /** Aborted as soon as the server is on its way down: it should be sent nothing new. */
  readonly signal: AbortSignal;
  /** Stops without being asked to. */
  readonly now: () => void;
}

/** What a graceful stop has to do. */
export interface StopOptions {
  /** How long to go on serving, not ready any more, until nobody sends anything new. */
  readonly delaySeconds: number;
  /** Gives back what the requests used, when the last one has been answered. */
  readonly release: () => Promise<void>;
}

/**
 * On SIGTERM or SIGINT lets running requests finish, then releases what they used. Ten seconds end the requests; a second
 * signal ends everything at once.
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
    log.info("server.stopped");
    // Connections to a database that does not even answer a farewell would keep the process.
    setTimeout(() => process.exit(), farewellMilliseconds).unref();
  };
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping.signal.aborted) process.exit(1);
    log.info({ signal }, "server.stopping");
    void stop(delaySeconds * 1000);
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
