/**
 * Returns the application's listener, shielded: one that fails, at once or later, is its own failure. Nobody's sign-in
 * depends on it, and no process ends by it.
 */
export function shieldListener<Told extends readonly unknown[]>(
  listener: ((...told: Told) => unknown) | undefined,
): (...told: Told) => void {
  return (...told) => {
    try {
      Promise.resolve(listener?.(...told)).catch(() => undefined);
    } catch {
      // It failed at once.
    }
  };
}
