// Reads what the tests of all packages leave in their test-results folders.
import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Removes the results of earlier runs. */
export function removeResults() {
  for (const { results } of listRuns()) rmSync(results, { force: true });
}

/**
 * Returns how many tests passed and failed, from what each run of tests ended with ("ok", or a description). Whatever
 * failed besides a test counts as one failure and is described.
 */
export function readTotals(endings) {
  const totals = { passed: 0, failed: 0, skipped: 0, problems: [] };
  for (const { name, results } of listRuns()) {
    const result = readResults(results);
    if (result !== undefined) add(totals, name, result);
    else totals.problems.push(`${name} has tests, but left no results.`);
  }
  // A package whose tests failed has made its run fail, too.
  const isExplained = totals.failed > 0 || totals.problems.length > 0;
  for (const problem of endings)
    if (problem !== "ok" && !(isExplained && problem.startsWith("ended")))
      totals.problems.push(`The test run ${problem}.`);
  totals.failed += totals.problems.length;
  return totals;
}

function add(totals, name, result) {
  totals.passed += result.numPassedTests;
  totals.failed += result.numFailedTests;
  totals.skipped += result.numPendingTests + result.numTodoTests;
  // A file that failed before its first test holds no failed test.
  const broken = result.testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" &&
      assertionResults.every((test) => test.status !== "failed"),
  );
  totals.problems.push(...broken.map((file) => `${file.name} failed to run.`));
  if (!result.success && result.numFailedTests === 0 && broken.length === 0)
    totals.problems.push(`${name} failed outside its tests.`);
}

function readResults(file) {
  try {
    return readJson(file);
  } catch {
    // The run ended before the file was there, or whole.
    return undefined;
  }
}

/** Lists the runs of tests: each package has one, and may have one of trials. */
function listRuns() {
  return ["apps", "packages"]
    .flatMap((parent) => readdirSync(parent).map((name) => join(parent, name)))
    .filter((folder) => existsSync(join(folder, "package.json")))
    .flatMap((folder) => {
      const { name, scripts = {} } = readJson(join(folder, "package.json"));
      return Object.entries({ test: "vitest.json", trials: "trials.json" })
        .filter(([script]) => scripts[script] !== undefined)
        .map(([, file]) => ({
          name,
          results: join(folder, "test-results", file),
        }));
    });
}

function readJson(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}
