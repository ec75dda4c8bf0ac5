import { writeFile } from "node:fs/promises";
import { listContestants } from "./contestants/contestants.js";
import type { Contestant } from "./contestants/contestant.js";
import type { Figure, FigureName } from "./figures/figure.js";
import { measureMemory } from "./figures/memory.js";
import { measureMe, measureProcedure } from "./figures/requests.js";
import { measureSignIn } from "./figures/sign-in.js";
import { measureStart } from "./figures/start.js";
import type { Series } from "./figures/series.js";
import { parseOptions } from "./options.js";
import type { Options } from "./options.js";
import { buildServers } from "./processes/build-servers.js";
import { openContest } from "./processes/contest.js";
import { pinLoadGenerator } from "./processes/pinning.js";
import { compareWithBase } from "./report/statistics.js";
import { formatTable } from "./report/table.js";

const figures: Partial<Readonly<Record<FigureName, Figure>>> = {
  "sign-in": measureSignIn,
  procedure: measureProcedure,
  me: measureMe,
  start: measureStart,
  memory: measureMemory,
};

/** Runs the benchmark and returns the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  const contestants = choose(options);
  const pinning = pinLoadGenerator();
  await buildServers({
    withPackage: contestants.some(({ name }) => name === "entrada-package"),
  });
  const contest = await openContest({ pinning, node: options.node });
  const all: Series[] = [];
  try {
    for (const name of options.figures) {
      const series =
        (await figures[name]?.({ ...options, contest, contestants })) ?? [];
      all.push(...series);
      for (const one of series) console.log(formatTable(one));
    }
  } finally {
    await contest.close();
  }
  const noisy = all.filter(
    (series) =>
      series.isDecisive &&
      compareWithBase(series).some(({ spread }) => spread > options.spread),
  );
  for (const { title } of noisy) console.error(`Too noisy: ${title}`);
  if (options.json !== undefined)
    await writeFile(options.json, JSON.stringify(all));
  return noisy.length > 0 ? 1 : 0;
}

function choose({ only, server, compare }: Options): readonly Contestant[] {
  return listContestants({ server, compare }).filter(
    ({ name }) => name === "bare" || (only?.includes(name) ?? true),
  );
}
