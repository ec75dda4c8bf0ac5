import type { Auth, DeletedRows, DeletionFailure } from "@entrada/auth";
import type { OpenDatabase } from "./open-database.js";
import { describeError } from "../log.js";
import type { Log } from "../log.js";
import { pauseUntil } from "../pause.js";
import type { Pause } from "../pause.js";

/** What housekeeping works with. */
export interface HousekeepingParts {
  readonly auth: Pick<Auth, "deleteExpired" | "releaseHousekeeping">;
  readonly database: Pick<OpenDatabase, "settle">;
  readonly log: Pick<Log, "info" | "warn">;
  /** Ends it. */
  readonly signal: AbortSignal;
}

const pauseMilliseconds = 60_000;
/**
 * So many rows of a kind are deleted in one go. In SQLite that holds up the whole process: by `bench/housekeeping.ts`, with a
 * million of each kind, for less than the 10 ms that nobody shall wait longer for.
 */
const batchSize = 25;

/**
 * Deletes once a minute what has expired, unless another server does it, until the signal comes. What fails leaves a line
 * in the log and is tried again a minute later; one kind of rows that fails does not keep the others.
 *
 * @returns When the last batch has ended, and another server may go on.
 */
export async function keepHouse(
  parts: HousekeepingParts,
  pause: Pause = pauseUntil,
): Promise<void> {
  const { auth, log, signal } = parts;
  const logFailure = (error: unknown) =>
    log.warn({ error: describeError(error) }, "housekeeping.failed");
  while (!signal.aborted) {
    await pause(pauseMilliseconds, signal);
    await deleteAllExpired(parts).catch(logFailure);
  }
  await auth.releaseHousekeeping().catch(logFailure);
}

/** Deletes batch after batch, other work in between: in a minute more may expire than one batch holds. */
async function deleteAllExpired({
  auth,
  database,
  log,
  signal,
}: HousekeepingParts): Promise<void> {
  const total = new Map<string, number>();
  const failed = new Map<string, DeletionFailure>();
  let isMoreLeft = true;
  while (isMoreLeft && !signal.aborted) {
    const { failures, ...deleted } = await auth.deleteExpired(batchSize);
    count(total, deleted);
    for (const failure of failures) failed.set(failure.kind, failure);
    isMoreLeft = Object.values(deleted).some((rows) => rows >= batchSize);
    await database.settle();
  }
  // A kind that fails does so in each batch: one line for all of them.
  for (const { kind, error } of failed.values())
    log.warn({ kind, error: describeError(error) }, "housekeeping.failed");
  if (total.size > 0) log.info(Object.fromEntries(total), "housekeeping.done");
}

function count(total: Map<string, number>, deleted: DeletedRows): void {
  for (const [kind, rows] of Object.entries(deleted))
    if (rows > 0) total.set(kind, (total.get(kind) ?? 0) + rows);
}
