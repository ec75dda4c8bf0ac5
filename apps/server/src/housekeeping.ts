import { setImmediate } from "node:timers/promises";
import type { Auth } from "@entrada/auth";

type Expiring = Pick<Auth, "deleteExpired">;

const housekeepingMilliseconds = 60_000;
/** So many rows of a kind are deleted in one go, a session with its tokens: some milliseconds, in which nobody else is answered. */
const batchSize = 100;

/**
 * Deletes once a minute what has expired.
 *
 * @returns What stops it.
 */
export function startHousekeeping(
  auth: Expiring,
  onFailure: (error: unknown) => void,
): () => void {
  let isStopped = false;
  let running: Promise<void> | undefined;
  const keepHouse = () => {
    running ??= deleteAllExpired(auth, () => isStopped)
      .catch((error: unknown) => {
        if (!isStopped) onFailure(error);
      })
      .finally(() => {
        running = undefined;
      });
  };
  const timer = setInterval(keepHouse, housekeepingMilliseconds);
  timer.unref();
  return () => {
    isStopped = true;
    clearInterval(timer);
  };
}

/** Deletes batch after batch, other work in between: in a minute more may expire than one batch holds. */
export async function deleteAllExpired(
  auth: Expiring,
  isStopped: () => boolean,
): Promise<void> {
  while (!isStopped()) {
    const deleted = Object.values(await auth.deleteExpired(batchSize));
    if (deleted.every((rows) => rows < batchSize)) return;
    await setImmediate();
  }
}
