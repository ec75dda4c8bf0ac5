import type { TableSize } from "./contestants.js";
import type { Comparison } from "./paired.js";
import type { Rush } from "./servers.js";

/** Prints the size of each table. */
export function reportSizes(sizes: readonly TableSize[]): void {
  for (const { table, rows, bytes, indexBytes } of sizes) {
    const [each, index] = [bytes, indexBytes].map((sum) =>
      Math.round(sum / rows),
    );
    console.log(
      `  ${table.padEnd(12)} ${String(rows).padStart(8)} rows, ${each} bytes each and ${index} in its indexes`,
    );
  }
}

/** Prints the cost of a step in both states, and the ratio. */
export function reportComparison(name: string, comparison: Comparison): void {
  const { emptyMilliseconds, fullMilliseconds, ratio, quartiles } = comparison;
  const { cpuRatio } = comparison;
  const [low, high] = quartiles.map((value) => value.toFixed(2));
  const costs = [emptyMilliseconds, fullMilliseconds].map((value) =>
    value.toFixed(3).padStart(8),
  );
  console.log(
    `  ${name.padEnd(34)} ${costs.join(" →")} ms  ratio ${ratio.toFixed(2)} (${low} to ${high}); of processor time ${cpuRatio.toFixed(2)}, now ${formatCpu(comparison)}`,
  );
}

function formatCpu({ cpuMilliseconds }: Comparison): string {
  const [server, database] = [
    cpuMilliseconds.server,
    cpuMilliseconds.database,
  ].map((value) => value.toFixed(3));
  return cpuMilliseconds.database === 0
    ? `${server} ms`
    : `${server} + ${database} ms in PostgreSQL`;
}

/** Prints the sign-ins per second of a number of servers. */
export function reportRush({
  servers,
  perSecond,
  refused,
  cpuMilliseconds,
  logBytes,
  transactions,
}: Rush): void {
  const parts = Object.entries(cpuMilliseconds).map(
    ([part, milliseconds]) => `${part} ${milliseconds.toFixed(1)}`,
  );
  console.log(
    `  ${servers} server${servers === 1 ? "" : "s"}: ${perSecond.toFixed(1)} sign-ins a second, ${refused} refused; processor ms for each: ${parts.join(", ")}; ${transactions.toFixed(1)} write transactions and ${Math.round(logBytes)} bytes of WAL`,
  );
}
