const memoryMilliseconds = 5000;

/**
 * Wraps a read so that for five seconds after a failure it rethrows that failure instead of reading again. A client
 * that sends many tokens then cannot make the server send many requests to a provider that is down.
 */
export function withFailureMemory<Args extends readonly unknown[], Result>(
  read: (...args: Args) => Promise<Result>,
  now: () => Date,
): (...args: Args) => Promise<Result> {
  let last: { readonly error: unknown; readonly at: number } | undefined;
  return async (...args) => {
    const age = now().getTime() - (last?.at ?? 0);
    // A negative age means that the clock was set back.
    if (last !== undefined && age >= 0 && age < memoryMilliseconds)
      throw last.error;
    try {
      return await read(...args);
    } catch (error) {
      last = { error, at: now().getTime() };
      throw error;
    }
  };
}
