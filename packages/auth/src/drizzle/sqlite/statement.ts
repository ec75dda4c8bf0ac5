type Values = Readonly<Record<string, unknown>>;

/** A prepared statement that returns rows. */
export interface Statement<Row> {
  get(values: Values): Row | undefined;
  all(values: Values): readonly Row[];
}

interface Prepared<Run, All, Get> {
  run(values: Values): Run;
  all(values: Values): All;
  get(values: Values): Get;
}

/** Returns a statement that is prepared when it is first used. */
export function whenUsed<Run, All, Get>(
  prepare: () => Prepared<Run, All, Get>,
): Prepared<Run, All, Get> {
  let prepared: Prepared<Run, All, Get> | undefined;
  const find = () => (prepared ??= prepare());
  return {
    run: (values) => find().run(values),
    all: (values) => find().all(values),
    get: (values) => find().get(values),
  };
}
