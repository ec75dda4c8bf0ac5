import { findMedian } from "../load.js";

/** What one step cost in each of two states. */
export interface Comparison {
  readonly emptyMilliseconds: number;
  readonly fullMilliseconds: number;
  /** The middle one of the rounds' own ratios, and those at a quarter and at three quarters. */
  readonly ratio: number;
  readonly quartiles: readonly [number, number];
}

/** Takes so long for a step in this state of the database. */
export type Measure = (state: "empty" | "full") => Promise<number>;

/**
 * Compares the states in rounds, each of which measures both one right after the other, in turns which one first: what
 * else the machine does goes into both.
 */
export async function compare(
  rounds: number,
  measure: Measure,
): Promise<Comparison> {
  await measure("empty");
  await measure("full");
  const empty: number[] = [];
  const full: number[] = [];
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) empty.push(await measure("empty"));
    full.push(await measure("full"));
    if (round % 2 === 1) empty.push(await measure("empty"));
  }
  const ratios = full.map((cost, round) => cost / (empty[round] ?? Number.NaN));
  const sorted = ratios.toSorted((one, other) => one - other);
  const quantile = (share: number) =>
    sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
  return {
    emptyMilliseconds: findMedian(empty),
    fullMilliseconds: findMedian(full),
    ratio: findMedian(ratios),
    quartiles: [quantile(0.25), quantile(0.75)],
  };
}

/** Calls so often, so many at a time, and answers milliseconds for each call. */
export async function measureCalls(
  count: number,
  concurrency: number,
  call: () => Promise<unknown>,
): Promise<number> {
  const begin = performance.now();
  let left = count;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (left-- > 0) await call();
    }),
  );
  return (performance.now() - begin) / count;
}
