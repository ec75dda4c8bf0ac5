import { setTimeout } from "node:timers/promises";

/** Waits for a duration or until the signal is aborted. */
export type Pause = (
  milliseconds: number,
  signal: AbortSignal,
) => Promise<void>;

export async function pauseUntil(
  milliseconds: number,
  signal: AbortSignal,
): Promise<void> {
  // The rejection on abort is ignored, because callers check the signal.
  await setTimeout(milliseconds, undefined, { signal }).catch(() => undefined);
}
