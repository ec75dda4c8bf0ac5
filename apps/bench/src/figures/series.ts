/** The values of one figure: a list for each contestant or case, with one value for each round. */
export interface Series {
  readonly title: string;
  readonly unit: string;
  /** The contestant or case with which the others are compared, if there is one. */
  readonly base: string | undefined;
  /** Whether the run is refused if the ratios of this figure vary too much. */
  readonly isDecisive: boolean;
  readonly values: ReadonlyMap<string, readonly number[]>;
}

/** Collects the values of a series. */
export interface Collector {
  add(name: string, value: number): void;
  toSeries(): Series;
}

type Settings = Pick<Series, "title" | "unit"> &
  Partial<Pick<Series, "base" | "isDecisive">>;

export function createCollector(settings: Settings): Collector {
  const values = new Map<string, number[]>();
  return {
    add: (name, value) => {
      values.set(name, [...(values.get(name) ?? []), value]);
    },
    toSeries: () => ({ base: "bare", isDecisive: false, ...settings, values }),
  };
}
