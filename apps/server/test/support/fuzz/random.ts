/** Chance that repeats itself: the same seed brings the same choices. */
export interface FuzzRandom {
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number;
  /** Whether something that happens in so many of a hundred cases happens now. */
  percent(share: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  bytes(length: number): Buffer;
}

const twoTo32 = 2 ** 32;

/** Makes the chance of a seed (Mulberry32: small, and good enough to choose by). */
export function createFuzzRandom(seed: number): FuzzRandom {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (limit: number) => Math.floor((next() / twoTo32) * limit);
  return {
    below,
    percent: (share) => below(100) < share,
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError("There is nothing to pick.");
      return item;
    },
    bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))),
  };
}
