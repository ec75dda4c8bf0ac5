import { readProcessorTime } from "../processes/usage.js";

/** What a server did in a short time. */
export interface Window {
  readonly calls: number;
  readonly milliseconds: number;
  /** User and system time of the server's process. */
  readonly processorMilliseconds: number;
}

export interface WindowLimits {
  readonly calls: number;
  readonly milliseconds: number;
  readonly concurrency: number;
}

/** Makes this number of calls, or as many as the time permits, and measures the process. */
export async function measureWindow(
  pid: number,
  limits: WindowLimits,
  call: () => Promise<unknown>,
): Promise<Window> {
  const begin = performance.now();
  const processorBegin = readProcessorTime(pid);
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
  return {
    calls,
    milliseconds: performance.now() - begin,
    processorMilliseconds: readProcessorTime(pid) - processorBegin,
  };
}
