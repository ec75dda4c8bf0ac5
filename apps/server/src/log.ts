import type { AuthError, AuthErrorCode } from "@entrada/auth";
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

// Attempts to do what a user may not do. `not_signed_in` is not such an attempt, refused sign-ins are reported as events,
// and `rate_limited` is logged with the client's address.
const refusalCodes: readonly AuthErrorCode[] = [
  "cross_site_request",
  "role_required",
  "tenant_required",
  "fresh_sign_in_required",
  "session_not_found",
  "user_not_found",
];

const maximumPathLength = 100;

/** Logs a refused request, if the refusal says something about the client. */
export function logRefusal(log: Log, failure: AuthError, path: string): void {
  const { code, userId } = failure;
  if (refusalCodes.includes(code))
    log.info({ path: cutPath(path), code, userId }, "request.refused");
}

/** Returns the beginning of the path: the client decides how long it is. */
export function cutPath(path: string | undefined): string | undefined {
  return path?.slice(0, maximumPathLength);
}
