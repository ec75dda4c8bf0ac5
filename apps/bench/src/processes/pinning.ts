import { execFileSync } from "node:child_process";

/** The processors of the load generator, the measured server and the identity provider. */
export interface Pinning {
  readonly load: string;
  readonly server: string;
  readonly provider: string;
}

/**
 * Pins this process to one processor, so that the measured server has another to itself.
 *
 * @returns `undefined` where `taskset` or a second processor is missing.
 */
export function pinLoadGenerator(): Pinning | undefined {
  const processors = listProcessors();
  const [load, second] = processors;
  const server = processors.at(-1);
  if (load === undefined || second === undefined || server === undefined)
    return undefined;
  runTaskset("-a", "-cp", load, String(process.pid));
  const provider = processors.length > 2 ? second : load;
  return { load, server, provider };
}

/** Returns the command that starts Node on this processor. */
export function onProcessor(
  processor: string | undefined,
  command: readonly string[],
): readonly string[] {
  return processor === undefined
    ? command
    : ["taskset", "-c", processor, ...command];
}

/** Returns the numbers of the processors that this process may use. */
function listProcessors(): readonly string[] {
  const output = runTaskset("-cp", String(process.pid));
  const list = output?.slice(output.lastIndexOf(":") + 1).trim() ?? "";
  return list
    .split(",")
    .filter((range) => range !== "")
    .flatMap((range) => {
      const [first = 0, last = first] = range.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) =>
        String(first + index),
      );
    });
}

function runTaskset(...args: readonly string[]): string | undefined {
  try {
    return execFileSync("taskset", args, { encoding: "utf8" });
  } catch {
    return undefined;
  }
}
