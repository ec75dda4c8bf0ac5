// Runs every check one after the other, each with a time limit, and prints the totals of the tests as the last line.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runLimited } from "./limited.mjs";
import { readTotals, removeResults } from "./totals.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const pnpm = ["npx", "-y", "pnpm@12"];

const checks = [
  { name: "install", minutes: 15, command: [...pnpm, "install"] },
  { name: "format", minutes: 5, command: [...pnpm, "format:check"] },
  { name: "lint", minutes: 5, command: [...pnpm, "lint"] },
  { name: "types", minutes: 10, command: [...pnpm, "typecheck"] },
  { name: "unused", minutes: 5, command: [...pnpm, "unused"] },
  {
    name: "fresh-clone",
    minutes: 15,
    command: ["node", ".ci/check-fresh-clone.mjs"],
  },
];

const testRuns = [
  { name: "tests", minutes: 20, command: [...pnpm, "test"] },
  { name: "trials", minutes: 15, command: [...pnpm, "trials"] },
];

process.chdir(root);
process.env.CI = "true";
await main();

async function main() {
  const outcomes = [];
  for (const check of checks) outcomes.push(await run(check));
  print("\n=== all checks but the tests");
  for (const { name, problem, seconds } of outcomes)
    print(`${name.padEnd(12)} ${String(seconds).padStart(4)} s  ${problem}`);

  removeResults();
  const runs = [];
  for (const check of testRuns) {
    const result = await run(check);
    runs.push(result);
    if (result.isLate) print(describeUnfinished(check.name, result.output));
  }
  for (const { name, seconds } of runs) print(`${name}: ${seconds} s`);
  const { passed, failed, skipped, problems } = readTotals(
    runs.map(({ problem }) => problem),
  );
  for (const problem of problems) print(`FAILED ${problem}`);
  // The last line, which says how the run went.
  print(
    `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`,
  );
  const isGreen = outcomes.every(({ problem }) => problem === "ok");
  process.exitCode = isGreen && failed === 0 ? 0 : 1;
}

async function run({ name, minutes, command }) {
  print(`\n=== ${name}: ${command.join(" ")}`);
  const startedAt = Date.now();
  const result = await runLimited(command, minutes);
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  return { ...result, name, seconds };
}

function describeUnfinished(run, output) {
  const files = execFileSync("git", ["ls-files", "*.test.ts", "*.test.tsx"], {
    encoding: "utf8",
  });
  const unfinished = files.split("\n").filter((file) => {
    const [parent = "", folder = "", ...rest] = file.split("/");
    const isTrial = rest.includes("trials");
    if (rest.length === 0 || isTrial !== (run === "trials")) return false;
    const { name } = JSON.parse(
      readFileSync(join(parent, folder, "package.json"), "utf8"),
    );
    return !output
      .split("\n")
      .some((line) => line.startsWith(name) && line.includes(rest.join("/")));
  });
  return ["Test files without a result:", ...unfinished].join("\n  ");
}

function print(text) {
  process.stdout.write(`${text}\n`);
}
