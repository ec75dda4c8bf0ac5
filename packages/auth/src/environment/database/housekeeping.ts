import { setTimeout } from "node:timers/promises";
import type {
  DeletedRows,
  DeletionFailure,
} from "../../core/administration/delete-expired.js";
import type { Auth } from "../../core/auth.js";
import { describeError } from "../logger.js";
import type { Logger } from "../logger.js";
import type { OpenDatabase } from "./open-database.js";

/** The parts that housekeeping needs. */
export interface HousekeepingParts {
  readonly auth: Pick<Auth, "deleteExpired" | "releaseHousekeeping">;
  readonly database: Pick<OpenDatabase, "settle">;
  readonly logger: Pick<Logger, "info" | "warn">;
  /** Ends the housekeeping. */
  readonly signal: AbortSignal;
}

type Pause = (milliseconds: number, signal: AbortSignal) => Promise<void>;

const pauseMilliseconds = 60_000;
/**
 * How many rows of a kind are deleted at once. SQLite blocks the process during a batch: for less than 10 ms with a
 * million expired rows of each kind, as measured by `pnpm bench --figures housekeeping`.
 */
const batchSize = 25;

/** Starts to delete expired rows regularly. Returns a function that stops it. */
export function startHousekeeping(
  parts: Omit<HousekeepingParts, "signal">,
): () => Promise<void> {
  const stopping = new AbortController();
  const ended = deleteExpiredRegularly({ ...parts, signal: stopping.signal });
  return async () => {
    stopping.abort();
    await ended;
  };
}

/**
 * Deletes expired rows once a minute until the signal is aborted, unless another process does. A failure is logged and
 * retried after a minute. If one kind of rows fails, the others are still deleted.
 *
 * @returns A promise that resolves when the last batch has ended and another process may continue.
 */
export async function deleteExpiredRegularly(
  parts: HousekeepingParts,
  pause: Pause = pauseUnreferenced,
): Promise<void> {
  const { auth, logger, signal } = parts;
  const logFailure = (error: unknown) =>
    logger.warn({ error: describeError(error) }, "housekeeping.failed");
  while (!signal.aborted) {
    await pause(pauseMilliseconds, signal);
    await deleteAllExpired(parts).catch(logFailure);
  }
  await auth.releaseHousekeeping().catch(logFailure);
}

/** Waits without keeping the process alive. */
async function pauseUnreferenced(
  milliseconds: number,
  signal: AbortSignal,
): Promise<void> {
  // Rejects when the signal is aborted, which the caller checks.
  const options = { ref: false, signal };
  await setTimeout(milliseconds, undefined, options).catch(() => undefined);
}

/** Deletes batches until no expired rows are left, and yields to other work between them. */
async function deleteAllExpired({
  auth,
  database,
  logger,
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
  // A failing kind fails in each batch, but is logged once.
  for (const { kind, error } of failed.values())
    logger.warn({ kind, error: describeError(error) }, "housekeeping.failed");
  if (total.size > 0)
    logger.info(Object.fromEntries(total), "housekeeping.done");
}

function count(total: Map<string, number>, deleted: DeletedRows): void {
  for (const [kind, rows] of Object.entries(deleted))
    if (rows > 0) total.set(kind, (total.get(kind) ?? 0) + rows);
}
