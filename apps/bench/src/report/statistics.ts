import type { Series } from "../figures/series.js";

/** The values of a contestant or case in one figure, and how they compare with those of the base. */
export interface Row {
  readonly name: string;
  /** The median. */
  readonly value: number;
  /** The median of the ratios to the base in the same round. */
  readonly ratio: number;
  readonly quartiles: readonly [number, number];
  /** The distance of the quartiles as a share of the ratio. */
  readonly spread: number;
}

/** Compares all values of a series with those of its base. */
export function compareWithBase({ values, base }: Series): readonly Row[] {
  const bases = values.get(base) ?? [];
  return [...values].map(([name, own]) => {
    const ratios = own.map(
      (value, round) => value / (bases[round] ?? Number.NaN),
    );
    const quartiles = [quantile(ratios, 0.25), quantile(ratios, 0.75)] as const;
    const ratio = quantile(ratios, 0.5);
    return {
      name,
      value: quantile(own, 0.5),
      ratio,
      quartiles,
      spread: (quartiles[1] - quartiles[0]) / ratio,
    };
  });
}

/** Returns the value below which this share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const position = (sorted.length - 1) * share;
  const low = sorted[Math.floor(position)] ?? Number.NaN;
  const high = sorted[Math.ceil(position)] ?? Number.NaN;
  return low + (high - low) * (position - Math.floor(position));
}
