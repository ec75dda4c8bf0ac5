// Loaded before the program of a server. Measures how long the event loop is held, and writes the longest time to a file in
// the working directory when the process exits.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { LongestHold } from "./longest-hold.js";

/** The start of a process is not measured: loading its modules takes long. */
const startMilliseconds = 30_000;
const statistics = `/proc/self/task/${process.pid}/schedstat`;
const delay = monitorEventLoopDelay({ resolution: 1 });
let processorMilliseconds = 0;

setTimeout(measure, startMilliseconds).unref();
process.once("exit", () => {
  const milliseconds = delay.max / 1e6;
  const hold: LongestHold = { processorMilliseconds, milliseconds };
  writeFileSync("hold.json", JSON.stringify(hold));
});

function measure(): void {
  delay.enable();
  let last = readRunning();
  const count = () => {
    const running = readRunning();
    processorMilliseconds = Math.max(processorMilliseconds, running - last);
    last = running;
    setImmediate(count).unref();
  };
  count();
}

/** Returns the time for which the main thread was running. Only Linux reports it without the time of other programs. */
function readRunning(): number {
  if (!existsSync(statistics)) return performance.now();
  return Number(readFileSync(statistics, "utf8").split(" ")[0]) / 1e6;
}
