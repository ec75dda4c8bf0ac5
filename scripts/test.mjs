// Runs every test of every package and prints, as the very last line, how many passed and how many failed.
import { readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureChromium } from "./ensure-chromium.mjs";
import { runTurbo } from "./turbo.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const packageFolders = ["apps", "packages"];
const resultsFolder = "test-results";

await main();

async function main() {
  const packages = await findTestedPackages();
  // What an earlier run left must not be counted; what turbo restores from its cache is this run's.
  for (const { folder } of packages)
    await rm(join(folder, resultsFolder), { recursive: true, force: true });

  const complaints = [];
  try {
    // The tests are told, so that they do not look for it again.
    process.env.CHROMIUM_PATH = await ensureChromium();
  } catch (error) {
    complaints.push(error instanceof Error ? error.message : String(error));
  }
  // Two at a time: browsers and bundlers in larger numbers only wait for each other.
  const code = await runTurbo([
    "run",
    "test",
    "--continue=dependencies-successful",
    "--concurrency=2",
  ]);

  const totals = { passed: 0, failed: 0, skipped: 0 };
  for (const tested of packages) await add(totals, complaints, tested);
  if (code !== 0 && totals.failed === 0 && complaints.length === 0)
    complaints.push("A build or a test run failed; see above.");
  report(totals, complaints);
}

async function findTestedPackages() {
  const packages = [];
  for (const parent of packageFolders) {
    for (const name of await readdir(join(root, parent))) {
      const folder = join(root, parent, name);
      const manifest = await readJson(join(folder, "package.json"));
      if (manifest?.scripts?.test !== undefined)
        packages.push({ name: manifest.name, folder });
    }
  }
  return packages;
}

async function add(totals, complaints, { name, folder }) {
  const results = await readResults(join(folder, resultsFolder));
  if (results.length === 0)
    complaints.push(`${name} has tests, but they left no results.`);
  for (const result of results) {
    totals.passed += result.numPassedTests;
    totals.failed += result.numFailedTests;
    totals.skipped += result.numPendingTests + (result.numTodoTests ?? 0);
    // A file that broke down before its first test holds none that failed.
    const broken = result.testResults.filter(
      ({ status, assertionResults }) =>
        status === "failed" &&
        assertionResults.every((test) => test.status !== "failed"),
    );
    complaints.push(...broken.map((file) => `${file.name} broke down.`));
    if (!result.success && result.numFailedTests === 0 && broken.length === 0)
      complaints.push(`${name} failed outside of its tests.`);
  }
}

async function readResults(folder) {
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => name.endsWith(".json"));
  return Promise.all(files.map((name) => readJson(join(folder, name)))).then(
    (results) => results.filter((result) => result !== undefined),
  );
}

async function readJson(file) {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** What failed without being a test counts as one failure each. */
function report(totals, complaints) {
  const failed = totals.failed + complaints.length;
  const skipped = totals.skipped === 0 ? "" : `, ${totals.skipped} skipped`;
  process.exitCode = failed === 0 ? 0 : 1;
  process.stdout.write(
    [
      "",
      ...complaints.map((complaint) => `FAILED ${complaint}`),
      `${totals.passed} passed, ${failed} failed${skipped}`,
      "",
    ].join("\n"),
  );
}
