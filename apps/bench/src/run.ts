import { writeFile } from "node:fs/promises";
import type { Contestant } from "./contestants/contestant.js";
import { listContestants } from "./contestants/contestants.js";
import type { Figure, FigureName } from "./figures/figure.js";
import { measureGrowth } from "./figures/growth.js";
import { measureHousekeeping } from "./figures/housekeeping.js";
import { measureMemory } from "./figures/memory.js";
import { measureMe, measureProcedure } from "./figures/requests.js";
import type { Series } from "./figures/series.js";
import { measureSignIn } from "./figures/sign-in.js";
import { measureStart } from "./figures/start.js";
import { parseOptions } from "./options.js";
import type { Options } from "./options.js";
import { buildServers } from "./processes/build-servers.js";
import { openContest } from "./processes/contest.js";
import { pinLoadGenerator } from "./processes/pinning.js";
import { stopServersWithThisProcess } from "./processes/server-process.js";
import { formatProfile, prepareProfile } from "./profile.js";
import { observeEnvironment } from "./report/environment.js";
import { formatJson } from "./report/json.js";
import { writeMarkdown } from "./report/markdown.js";
import type { Result } from "./report/result.js";
import { findNoise } from "./report/noise.js";
import { formatTable } from "./report/table.js";

const figures: Readonly<Record<FigureName, Figure>> = {
  "sign-in": measureSignIn,
  procedure: measureProcedure,
  me: measureMe,
  start: measureStart,
  memory: measureMemory,
  growth: measureGrowth,
  housekeeping: measureHousekeeping,
};

/** Runs the benchmark and returns the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  if (process.platform !== "linux")
    throw new Error("The benchmark reads /proc, which only Linux has.");
  const options = parseOptions(args);
  const contestants = chooseContestants(options);
  const readEnvironment = observeEnvironment(options.node);
  const { series, noise } = await measure(options, contestants);
  if (options.profile !== undefined) {
    console.log(await formatProfile(options.profile));
    return 0;
  }
  if (noise.length > 0) {
    console.error(
      `The run is too noisy, so its result is not written:\n${noise.map((sentence) => `  ${sentence}`).join("\n")}\nRun again with more --rounds, or when the machine has nothing else to do.`,
    );
    return 1;
  }
  const environment = readEnvironment();
  const { rounds, json, markdown } = options;
  const result: Result = { environment, rounds, contestants, series };
  if (json !== undefined) await writeFile(json, formatJson(result));
  if (markdown !== undefined) await writeMarkdown(markdown, result);
  return 0;
}

/** Measures all figures, and prints each that is not too noisy. */
async function measure(
  options: Options,
  contestants: readonly Contestant[],
): Promise<{ readonly series: readonly Series[]; readonly noise: string[] }> {
  const { profile, node, maximumUncertainty } = options;
  stopServersWithThisProcess();
  const pinning = pinLoadGenerator();
  if (pinning === undefined)
    console.error(
      "Processes are not pinned: taskset or a second processor is missing.",
    );
  await buildServers({
    withPackage: contestants.some(({ name }) => name === "entrada-package"),
  });
  const nodeArguments =
    profile === undefined ? [] : await prepareProfile(profile);
  const contest = await openContest({ pinning, node, nodeArguments });
  const series: Series[] = [];
  const noise: string[] = [];
  try {
    for (const name of options.figures)
      for (const one of await figures[name]({
        ...options,
        contest,
        contestants,
      })) {
        const found =
          profile === undefined ? findNoise(one, maximumUncertainty) : [];
        series.push(one);
        noise.push(...found);
        if (found.length === 0) console.log(formatTable(one));
      }
  } finally {
    await contest.close();
  }
  return { series, noise };
}

/** @throws {Error} if a name is unknown. */
function chooseContestants({
  only,
  profile,
  server,
  compare,
}: Options): readonly Contestant[] {
  const all = listContestants({ server, compare });
  const names = profile === undefined ? only : [profile];
  const unknown = names?.find((name) => !all.some((one) => one.name === name));
  if (unknown !== undefined)
    throw new Error(
      `There is no contestant ${unknown}. Choose from ${all.map(({ name }) => name).join(", ")}.`,
    );
  const isBase = (name: string) => name === "bare" && profile === undefined;
  return all.filter(
    ({ name }) => isBase(name) || (names?.includes(name) ?? true),
  );
}
