import { readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const shownFunctions = 40;

/** The parts of a `.cpuprofile` that are read here. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
    };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** The folder in which Node writes the profiles of a contestant. */
export function profileFolderOf(name: string): string {
  return fileURLToPath(new URL(`../dist/profiles/${name}`, import.meta.url));
}

/** Deletes former profiles, and returns the arguments with which Node writes a new one when the process exits. */
export async function prepareProfile(name: string): Promise<readonly string[]> {
  const folder = profileFolderOf(name);
  await rm(folder, { recursive: true, force: true });
  return ["--cpu-prof", `--cpu-prof-dir=${folder}`];
}

/** Returns the functions of all profiles of a contestant that used the most time themselves. */
export async function formatProfile(name: string): Promise<string> {
  const folder = profileFolderOf(name);
  const times = new Map<string, number>();
  for (const file of await readdir(folder))
    addTimes(times, JSON.parse(await readFile(join(folder, file), "utf8")));
  times.delete("(idle)");
  times.delete("(program)");
  const total = [...times.values()].reduce((sum, time) => sum + time, 0);
  const lines = [...times]
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, shownFunctions)
    .map(([place, time]) => {
      const share = ((time / total) * 100).toFixed(1).padStart(5);
      return `  ${share} %  ${(time / 1000).toFixed(0).padStart(6)} ms  ${place}`;
    });
  return `${folder}\n${lines.join("\n")}`;
}

function addTimes(
  times: Map<string, number>,
  { nodes, samples, timeDeltas }: CpuProfile,
): void {
  const places = new Map(
    nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => {
      const name = functionName === "" ? "(anonymous)" : functionName;
      return [
        id,
        url === "" ? name : `${name}  ${shorten(url)}:${lineNumber + 1}`,
      ] as const;
    }),
  );
  samples.forEach((id, index) => {
    const place = places.get(id) ?? "";
    const microseconds = timeDeltas[index] ?? 0;
    times.set(place, (times.get(place) ?? 0) + microseconds);
  });
}

/** Returns the path below the last `node_modules`, or below the repository. */
function shorten(url: string): string {
  const [, path = url] =
    /.*\/(?:node_modules|apps|packages)\/(.*)$/.exec(url) ?? [];
  return path;
}
