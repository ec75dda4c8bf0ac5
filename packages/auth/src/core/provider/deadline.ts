import { AuthError } from "../error.js";

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
