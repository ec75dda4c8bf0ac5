/** Remembers keys that are blocked for a while; at most so many. */
export interface BlockedKeys {
  /** Blocks the key for so long from now. */
  block(key: string, milliseconds: number): void;

  /** Returns how long the key is still blocked; 0 if it is not. */
  readRemaining(key: string): number;
}

/**
 * Creates a memory of blocked keys. Where it is full, the key that was blocked first makes room: whoever asks for it then
 * has to find out again.
 */
export function createBlockedKeys(
  mostKeys: number,
  now: () => Date,
): BlockedKeys {
  const expiries = new Map<string, number>();
  return {
    block(key, milliseconds) {
      // A map keeps the order of insertion, so a key that is blocked again becomes the last one.
      expiries.delete(key);
      expiries.set(key, now().getTime() + milliseconds);
      const [oldest] = expiries.keys();
      if (expiries.size > mostKeys && oldest !== undefined)
        expiries.delete(oldest);
    },
    readRemaining(key) {
      const remaining = (expiries.get(key) ?? 0) - now().getTime();
      if (remaining > 0) return remaining;
      expiries.delete(key);
      return 0;
    },
  };
}
