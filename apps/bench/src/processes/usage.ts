import { readFileSync, readdirSync } from "node:fs";

/**
 * Returns the user and system time that all threads of a process have used, in milliseconds. Linux counts it in
 * nanoseconds; other systems are not supported.
 */
export function readProcessorTime(pid: number): number {
  const folder = `/proc/${pid}/task`;
  let nanoseconds = 0;
  for (const thread of readdirSync(folder))
    nanoseconds += readRunningTime(`${folder}/${thread}/schedstat`);
  return nanoseconds / 1e6;
}

/** Returns the resident memory of a process in MB. */
export function readMemory(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1000;
}

function readRunningTime(path: string): number {
  try {
    return Number(readFileSync(path, "utf8").split(" ")[0]);
  } catch {
    // The thread has ended.
    return 0;
  }
}
