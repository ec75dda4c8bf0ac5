// A Vitest reporter that ends a run in which no test has finished for five minutes, and names the files without a result.
// Vitest's own time limits are timers inside the worker, and a synchronous loop there keeps them from firing.
import { relative } from "node:path";
import { listProcesses } from "./processes.mjs";

const silenceMilliseconds = 5 * 60_000;
const cancelMilliseconds = 30_000;

// oxlint-disable-next-line import/no-default-export -- Vitest takes a reporter from there.
export default class StuckTests {
  #vitest;
  #timer;
  #unfinished = new Set();

  onInit(vitest) {
    this.#vitest = vitest;
    // Global setups come before the first test and have no time limit of their own.
    this.#watch();
  }

  onTestRunStart(specifications) {
    for (const { moduleId } of specifications) this.#unfinished.add(moduleId);
    this.#watch();
  }

  onTestCaseResult() {
    this.#watch();
  }

  onTestModuleEnd({ moduleId }) {
    this.#unfinished.delete(moduleId);
    this.#watch();
  }

  onTestRunEnd() {
    clearTimeout(this.#timer);
  }

  #watch() {
    clearTimeout(this.#timer);
    if (this.#vitest.config.watch) return;
    this.#timer = setTimeout(() => this.#end(), silenceMilliseconds);
    this.#timer.unref();
  }

  #end() {
    process.exitCode = 1;
    process.stderr.write(this.#describe());
    setTimeout(() => process.exit(1), cancelMilliseconds).unref();
    // The first call asks the workers to stop; the second one kills those that do not.
    void this.#vitest.cancelCurrentRun("test-failure");
    void this.#vitest.cancelCurrentRun("test-failure");
  }

  #describe() {
    const { root } = this.#vitest.config;
    return [
      `\nFAILED No test has finished for ${silenceMilliseconds / 1000} s. The run ends now. Files without a result:`,
      ...[...this.#unfinished].map((file) => `  ${relative(root, file)}`),
      "Processes:",
      ...listProcesses(process.pid).map(({ pid, text }) => `  ${pid} ${text}`),
      "",
    ].join("\n");
  }
}
