import { isAuthError } from "@entrada/auth";
import type { OpenDatabase } from "./open-database.js";
import { describeError } from "../log.js";
import type { Log } from "../log.js";
import { pauseUntil } from "../pause.js";
import type { Pause } from "../pause.js";

const firstPauseMilliseconds = 250;
const longestPauseMilliseconds = 5000;

/**
 * Applies missing migrations as soon as the database answers: a server may start before its database does. Each failed
 * try leaves a line in the log.
 *
 * @returns Whether it is done; `false` if the signal ended the wait.
 */
export async function migrateWhenReachable(
  database: Pick<OpenDatabase, "migrate">,
  log: Pick<Log, "warn" | "info">,
  signal: AbortSignal,
  pause: Pause = pauseUntil,
): Promise<boolean> {
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    const failure = await tryToMigrate(database);
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

/** Returns the error if the database is unavailable, and throws any other: waiting does not resolve it. */
async function tryToMigrate(
  database: Pick<OpenDatabase, "migrate">,
): Promise<Error | undefined> {
  try {
    await database.migrate();
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
