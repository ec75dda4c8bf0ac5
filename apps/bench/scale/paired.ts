import { quantile } from "../src/report/statistics.js";
import { subtractCpu } from "./cpu.js";
import type { CpuReading } from "./cpu.js";

/** The two states of a database that are compared. */
export type State = "empty" | "full";

/** The cost of one step in both states. */
export interface Comparison {
  readonly emptyMilliseconds: number;
  readonly fullMilliseconds: number;
  /** The median of the ratios of all rounds, and their quartiles. */
  readonly ratio: number;
  readonly quartiles: readonly [number, number];
  /** The ratio of the total processor time, in the server and in PostgreSQL. */
  readonly cpuRatio: number;
  /** The processor time of one call in the full state. */
  readonly cpuMilliseconds: Cpu<number>;
}

/** Values of the server, or the process that calls the stores, and of PostgreSQL. */
export interface Cpu<Value> {
  readonly server: Value;
  readonly database: Value;
}

/** The calls of each round. */
export interface Step {
  /** The number of calls in a round. */
  readonly calls: number;
  readonly concurrency: number;
  call(state: State): Promise<unknown>;
  /** Reads the processor time of all processes that serve this state. */
  readCpu(state: State): Promise<Cpu<CpuReading>>;
}

/**
 * Compares the states in rounds. Each round measures both states one after the other, in alternating order, so that
 * other load of the machine affects both. The processor time is affected less than the elapsed time.
 */
export async function compare(rounds: number, step: Step): Promise<Comparison> {
  const times: Record<State, number[]> = { empty: [], full: [] };
  const cpuSeconds = {
    empty: { server: 0, database: 0 },
    full: { server: 0, database: 0 },
  };
  const measure = async (state: State) => {
    const before = await step.readCpu(state);
    const time = await measureCalls(step.calls, step.concurrency, () =>
      step.call(state),
    );
    times[state].push(time);
    const after = await step.readCpu(state);
    for (const part of ["server", "database"] as const)
      cpuSeconds[state][part] += subtractCpu(after[part], before[part]);
  };

  for (const state of ["empty", "full"] as const)
    await measureCalls(step.calls, step.concurrency, () => step.call(state));
  for (let round = 0; round < rounds; round++) {
    const order = ["empty", "full"] as const;
    for (const state of round % 2 === 0 ? order : order.toReversed())
      await measure(state);
  }
  return summarize(times, cpuSeconds, rounds * step.calls);
}

function summarize(
  { empty, full }: Readonly<Record<State, readonly number[]>>,
  cpuSeconds: Readonly<Record<State, Cpu<number>>>,
  calls: number,
): Comparison {
  const ratios = full.map((cost, round) => cost / (empty[round] ?? Number.NaN));
  const sum = ({ server, database }: Cpu<number>) => server + database;
  const each = (seconds: number) => (seconds / calls) * 1000;
  return {
    emptyMilliseconds: quantile(empty, 0.5),
    fullMilliseconds: quantile(full, 0.5),
    ratio: quantile(ratios, 0.5),
    quartiles: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    cpuRatio: sum(cpuSeconds.full) / sum(cpuSeconds.empty),
    cpuMilliseconds: {
      server: each(cpuSeconds.full.server),
      database: each(cpuSeconds.full.database),
    },
  };
}

/** Calls `count` times with the given concurrency and returns the milliseconds of one call. */
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
