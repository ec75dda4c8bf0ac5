import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";

const require = createRequire(import.meta.url);

/** Where and when a run was made. */
export interface Environment {
  readonly date: string;
  readonly machine: string;
  readonly node: string;
  /** The load average of the last minute, before and after the run. */
  readonly load: readonly [number, number];
}

/** Returns a function that returns the environment at the end of the run. */
export function observeEnvironment(node = process.execPath): () => Environment {
  const begin = readLoad();
  const [processor] = cpus();
  const gigabytes = Math.round(totalmem() / 1e9);
  return () => ({
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} processors (${processor?.model.trim()}), ${gigabytes} GB of memory`,
    node: execFileSync(node, ["--version"], { encoding: "utf8" }).trim(),
    load: [begin, readLoad()],
  });
}

/** Returns the installed version of a package, such as `hono 4.13.19`. */
export function describePackage(name: string): string {
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      const path = join(folder, name, "package.json");
      return `${name} ${JSON.parse(readFileSync(path, "utf8")).version}`;
    } catch {
      // The package is in one of the next folders.
    }
  }
  throw new Error(`${name} is not installed.`);
}

function readLoad(): number {
  return Number((loadavg()[0] ?? 0).toFixed(1));
}
