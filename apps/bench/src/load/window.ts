import type { Meter } from "./meter.js";

/** What a server did in a short time. */
export interface Window {
  readonly calls: number;
  readonly milliseconds: number;
  /** User and system time of the measured processes. */
  readonly processorMilliseconds: number;
}

export interface WindowLimits {
  readonly calls: number;
  readonly milliseconds: number;
  readonly concurrency: number;
}

/** Makes this number of calls, or as many as the time permits, and measures the time. */
export async function measureWindow(
  meter: Meter,
  limits: WindowLimits,
  call: () => Promise<unknown>,
): Promise<Window> {
  const readUsed = await meter();
  const begin = performance.now();
  let calls = 0;
  await Promise.all(
    Array.from({ length: limits.concurrency }, async () => {
      while (
        calls < limits.calls &&
        performance.now() - begin < limits.milliseconds
      ) {
        calls += 1;
        await call();
      }
    }),
  );
  const milliseconds = performance.now() - begin;
  return {
    calls,
    milliseconds,
    processorMilliseconds: await readUsed(),
  };
}
