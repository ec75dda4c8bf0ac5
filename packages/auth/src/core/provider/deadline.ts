import { AuthError } from "../error.js";

/**
 * Waits for the promise, but no longer than until the signal is aborted. The request itself continues, because other
 * callers may wait for the same response.
 *
 * @throws {AuthError} `identity_provider_unavailable` once the signal is aborted.
 */
export async function waitUntil<Value>(
  promise: Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  if (signal === undefined) return promise;
  const { deadline, stop } = watch(signal);
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    stop();
  }
}

function watch(signal: AbortSignal): {
  readonly deadline: Promise<never>;
  readonly stop: () => void;
} {
  const watching = new AbortController();
  const deadline = new Promise<never>((_, reject) => {
    const refuse = () => {
      reject(
        new AuthError(
          "identity_provider_unavailable",
          "The identity provider did not respond in time.",
          { cause: signal.reason },
        ),
      );
    };
    if (signal.aborted) refuse();
    const { signal: until } = watching;
    signal.addEventListener("abort", refuse, { signal: until });
  });
  return { deadline, stop: () => watching.abort() };
}
