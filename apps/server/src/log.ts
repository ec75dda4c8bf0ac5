import { destination, pino, stdTimeFunctions } from "pino";
import type { DestinationStream } from "pino";

/** The server's log: one JSON line for each entry, on standard output. */
export type Log = ReturnType<typeof createLog>;

// A write for each line costs 6 % of a sign-in. Only a kill loses what waits here: the audit trail has no such gap.
const bufferBytes = 4096;
const bufferMilliseconds = 50;

export function createLog(level: string) {
  return pino(
    { level, base: null, timestamp: stdTimeFunctions.isoTime },
    openBufferedOutput(),
  );
}

/** Opens standard output. Lines are written together, after a few milliseconds and when the process exits or crashes. */
function openBufferedOutput(): DestinationStream {
  const output = destination({ fd: 1, sync: true, minLength: bufferBytes });
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    timer = undefined;
    output.flush();
  };
  // Emitted after an uncaught exception, too.
  process.on("exit", () => output.flushSync());
  return {
    write: (line) => {
      output.write(line);
      timer ??= setTimeout(flush, bufferMilliseconds).unref();
    },
  };
}
