import { setTimeout } from "node:timers/promises";
import type {
  DeletedRows,
  DeletionFailure,
} from "../../core/administration/delete-expired.js";
import type { Auth } from "../../core/auth.js";
import { describeError } from "../logger.js";
import type { Logger } from "../logger.js";
import type { OpenDatabase } from "./open-database.js";

/** What housekeeping works with. */
export interface HousekeepingParts {
  readonly auth: Pick<Auth, "deleteExpired" | "releaseHousekeeping">;
  readonly database: Pick<OpenDatabase, "settle">;
  readonly logger: Pick<Logger, "info" | "warn">;
  /** Ends it. */
  readonly signal: AbortSignal;
}

type Pause = (milliseconds: number, signal: AbortSignal) => Promise<void>;

const pauseMilliseconds = 60_000;
/**
 * How many rows of a kind are deleted at once. SQLite blocks the process meanwhile: for less than 10 ms with a million
 * expired rows of each kind, by `bench/housekeeping.ts`.
 */
const batchSize = 25;

/** Begins to delete expired rows, and returns the function that ends it. */
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
 * Deletes expired rows once a minute until the signal comes, unless another process does. A failure is logged and tried
 * again a minute later; a kind of rows that fails does not stop the others.
 *
 * @returns When the last batch has ended, and another process may go on.
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
  // Rejects when the signal comes, which the caller checks.
  const options = { ref: false, signal };
  await setTimeout(milliseconds, undefined, options).catch(() => undefined);
}

/** Deletes batch after batch, with other work in between: more may expire in a minute than one batch holds. */
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
  // A kind that fails fails in each batch, and is logged once.
  for (const { kind, error } of failed.values())
    logger.warn({ kind, error: describeError(error) }, "housekeeping.failed");
  if (total.size > 0)
    logger.info(Object.fromEntries(total), "housekeeping.done");
}

function count(total: Map<string, number>, deleted: DeletedRows): void {
  for (const [kind, rows] of Object.entries(deleted))
    if (rows > 0) total.set(kind, (total.get(kind) ?? 0) + rows);
}
