import { AuthError } from "../error.js";

/**
 * Runs with a signal that is aborted after this time. Unlike `AbortSignal.timeout`, it releases its timer as soon as the
 * run has ended, so that timers do not pile up under load.
 */
export async function withDeadline<Value>(
  milliseconds: number,
  run: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    const message = `The time limit of ${milliseconds} ms has passed.`;
    controller.abort(new DOMException(message, "TimeoutError"));
  }, milliseconds).unref();
  try {
    return await run(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Waits for the promise, but no longer than until the signal is aborted. The request itself continues, because other
 * callers may wait for the same response.
 *
 * @throws {AuthError} `identity_provider_unavailable` once the signal is aborted.
 */
export function waitUntil<Value>(
  promise: Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const refuse = () => reject(createDeadlineError(signal));
    if (signal.aborted) refuse();
    else signal.addEventListener("abort", refuse, { once: true });
    const finish =
      <Result>(settle: (result: Result) => void) =>
      (result: Result) => {
        signal.removeEventListener("abort", refuse);
        settle(result);
      };
    promise.then(finish(resolve), finish(reject));
  });
}

function createDeadlineError(signal: AbortSignal): AuthError {
  return new AuthError(
    "identity_provider_unavailable",
    "The identity provider did not respond in time.",
    { cause: signal.reason },
  );
}
