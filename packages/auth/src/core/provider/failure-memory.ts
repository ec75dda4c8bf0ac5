const memoryMilliseconds = 5000;

/**
 * Returns the same reading, which rethrows a failure of the last five seconds instead of asking again: who sends us
 * tokens without end does not make us ask a provider without end that is down already.
 */
export function withFailureMemory<Asked extends readonly unknown[], Read>(
  read: (...asked: Asked) => Promise<Read>,
  now: () => Date,
): (...asked: Asked) => Promise<Read> {
  let last: { readonly error: unknown; readonly at: number } | undefined;
  return async (...asked) => {
    const age = now().getTime() - (last?.at ?? 0);
    // A clock that was set back must not make the failure last longer.
    if (last !== undefined && age >= 0 && age < memoryMilliseconds)
      throw last.error;
    try {
      return await read(...asked);
    } catch (error) {
      last = { error, at: now().getTime() };
      throw error;
    }
  };
}
