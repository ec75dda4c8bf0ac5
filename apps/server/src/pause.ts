import { setTimeout } from "node:timers/promises";

/** Waits for so long, or until the signal comes. */
export type Pause = (
  milliseconds: number,
  signal: AbortSignal,
) => Promise<void>;

/** Waits by the clock. */
export async function pauseUntil(
  milliseconds: number,
  signal: AbortSignal,
): Promise<void> {
  // Rejects when the signal comes, which whoever waits looks at by themselves.
  await setTimeout(milliseconds, undefined, { signal }).catch(() => undefined);
}
