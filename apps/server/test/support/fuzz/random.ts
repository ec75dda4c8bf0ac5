/** A seeded random generator: the same seed yields the same choices. */
export interface FuzzRandom {
  /** Returns an integer from 0 up to, but not including, `limit`. */
  below(limit: number): number;
  /** Returns `true` with this probability in percent. */
  percent(share: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  bytes(length: number): Buffer;
}

const twoTo32 = 2 ** 32;

/** Creates a generator from a seed (Mulberry32). */
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
      if (item === undefined)
        throw new RangeError("The list to pick from is empty.");
      return item;
    },
    bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))),
  };
}
