import { isAuthError } from "@entrada/auth";
import { describeError } from "@entrada/auth/environment";
import type { EnvironmentAuth } from "@entrada/auth/environment";
import type { Log } from "../log.js";
import { pauseUntil } from "../pause.js";
import type { Pause } from "../pause.js";

const firstPauseMilliseconds = 250;
const longestPauseMilliseconds = 5000;

/**
 * Waits until the database is open and migrated: a server may start before its database does. Each failed attempt is
 * logged.
 *
 * @returns Whether the database is ready; `false` if the signal ended the wait.
 */
export async function waitUntilReady(
  auth: Pick<EnvironmentAuth, "ready">,
  log: Pick<Log, "warn" | "info">,
  signal: AbortSignal,
  pause: Pause = pauseUntil,
): Promise<boolean> {
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    const failure = await tryToOpen(auth);
    if (failure === undefined) {
      if (attempt > 1) log.info({ attempt }, "database.reached");
      return true;
    }
    const retryInMilliseconds = choosePause(attempt);
    log.warn(
      { attempt, retryInMilliseconds, error: describeError(failure) },
      "database.unavailable",
    );
    await pause(retryInMilliseconds, signal);
  }
  return false;
}

/** Returns the error if the database is unavailable, and throws any other: waiting does not resolve that. */
async function tryToOpen(
  auth: Pick<EnvironmentAuth, "ready">,
): Promise<Error | undefined> {
  try {
    await auth.ready();
    return undefined;
  } catch (error) {
    if (isAuthError(error) && error.code === "store_unavailable") return error;
    throw error;
  }
}

function choosePause(attempt: number): number {
  return Math.min(
    firstPauseMilliseconds * 2 ** Math.min(attempt - 1, 10),
    longestPauseMilliseconds,
  );
}
