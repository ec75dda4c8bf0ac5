import type { Series } from "../figures/series.js";

/** The values of a contestant or case in one figure, and how they compare with those of the base. */
export interface Row {
  readonly name: string;
  /** The median. */
  readonly value: number;
  /** Missing where the figure has no base. */
  readonly comparison: Comparison | undefined;
}

export interface Comparison {
  /** The median of the ratios to the base in the same round. */
  readonly ratio: number;
  readonly quartiles: readonly [number, number];
  /** How far the median may be from the true one, as a share of it. */
  readonly uncertainty: number;
}

/** With fewer rounds the quartiles say nothing. */
const minimumRounds = 5;

/** Compares all values of a series with those of its base. */
export function compareWithBase({ values, base }: Series): readonly Row[] {
  const bases = base === undefined ? undefined : values.get(base);
  return [...values].map(([name, own]) => ({
    name,
    value: quantile(own, 0.5),
    comparison: bases === undefined ? undefined : compare(own, bases),
  }));
}

function compare(own: readonly number[], bases: readonly number[]): Comparison {
  const ratios = own.map((value, round) => value / (bases[round] ?? NaN));
  const ratio = quantile(ratios, 0.5);
  const [low, high] = [quantile(ratios, 0.25), quantile(ratios, 0.75)];
  // The notch of a box plot: half the width of the interval that holds the true median with 95 %.
  const notch = (1.57 * (high - low)) / Math.sqrt(ratios.length);
  return {
    ratio,
    quartiles: [low, high],
    uncertainty: ratios.length < minimumRounds ? Infinity : notch / ratio,
  };
}

/** Returns the value below which this share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const position = (sorted.length - 1) * share;
  const low = sorted[Math.floor(position)] ?? Number.NaN;
  const high = sorted[Math.ceil(position)] ?? Number.NaN;
  return low + (high - low) * (position - Math.floor(position));
}
