import { readFileSync } from "node:fs";

const ticksPerSecond = 100;
const [userTicks, systemTicks] = [11, 12];

/** Answers how many seconds of a processor these processes have used so far; `NaN` where the system does not tell. */
export function readCpuSeconds(pids: readonly (number | undefined)[]): number {
  return pids.reduce<number>((sum, pid) => sum + readOne(pid), 0);
}

function readOne(pid: number | undefined): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // After the name, which is in parentheses and may hold anything.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const ticks = Number(fields[userTicks]) + Number(fields[systemTicks]);
    return ticks / ticksPerSecond;
  } catch {
    return Number.NaN;
  }
}
