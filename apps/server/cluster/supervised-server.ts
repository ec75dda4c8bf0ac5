import { setTimeout as pause } from "node:timers/promises";
import type { Backend } from "./balancer.js";
import type { Destination } from "./forwarding.js";
import { startLife } from "./server-process.js";
import type { ServerLife, ServerProcessOptions } from "./server-process.js";

/** A server that is started again whenever it ends. */
export interface SupervisedServer extends Backend {
  /** Resolves when it is ready for the first time. @throws {Error} if it ends before. */
  readonly started: Promise<void>;
  /** Asks it to stop, and waits until it has. */
  stop(): Promise<void>;
}

const probeMilliseconds = 200;
const probeTimeoutMilliseconds = 5000;
const restartMilliseconds = 500;

/** Starts the built server, asks it all the time whether it is ready, and starts it again when it has ended. */
export function superviseServer(
  options: ServerProcessOptions,
): SupervisedServer {
  const { name, tell } = options;
  const stopping = new AbortController();
  const first = createFirst(name);
  let destination: Destination | undefined;

  const live = async () => {
    const life = await startLife(options);
    stopping.signal.addEventListener("abort", life.stop);
    const over = life.over.then((ending) => {
      first.fail();
      return ending;
    });
    void watch(life, over, (isReady) => {
      if (isReady && destination === undefined)
        tell(`${name}: ready at ${life.origin}, process ${life.pid}`);
      destination = isReady ? { name, origin: life.origin } : undefined;
      if (isReady) first.succeed();
    });
    if (stopping.signal.aborted) life.stop();
    tell(`${name}: ended with ${await over}`);
    stopping.signal.removeEventListener("abort", life.stop);
  };
  const keepLiving = async () => {
    while (!stopping.signal.aborted) {
      await live();
      await pauseUnless(stopping.signal);
    }
  };

  const living = keepLiving();
  return {
    started: first.outcome,
    readyAt: () => destination,
    suspend: () => {
      destination = undefined;
    },
    stop: async () => {
      stopping.abort();
      await living;
    },
  };
}

/** What the first life comes to, before or after which nobody asks. */
function createFirst(name: string) {
  let succeed: (() => void) | undefined;
  let fail: (() => void) | undefined;
  const outcome = new Promise<void>((resolve, reject) => {
    succeed = resolve;
    fail = () =>
      reject(new Error(`${name} ended before it was ready; see above.`));
  });
  outcome.catch(() => undefined);
  return { outcome, succeed: () => succeed?.(), fail: () => fail?.() };
}

/** Tells again and again whether the server is ready, until its life is over, when it is not. */
async function watch(
  { origin }: ServerLife,
  over: Promise<unknown>,
  tell: (isReady: boolean) => void,
): Promise<void> {
  const life = new AbortController();
  const ended = over.then(() => life.abort());
  while (!life.signal.aborted) {
    const isReady = await probe(origin);
    tell(isReady && !life.signal.aborted);
    await Promise.race([pause(probeMilliseconds), ended]);
  }
  tell(false);
}

async function probe(origin: string): Promise<boolean> {
  try {
    const { ok } = await fetch(`${origin}/readyz`, {
      signal: AbortSignal.timeout(probeTimeoutMilliseconds),
    });
    return ok;
  } catch {
    return false;
  }
}

async function pauseUnless(signal: AbortSignal): Promise<void> {
  await pause(restartMilliseconds, undefined, { signal }).catch(
    () => undefined,
  );
}
