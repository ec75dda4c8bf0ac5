// Runs every check one after the other, each with a time limit, and prints the totals of the tests as the last line.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runLimited } from "./limited.mjs";

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
    command: ["node", "scripts/check-fresh-clone.mjs"],
  },
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

  // The tests come last, so that their totals are the last line.
  const tests = await run({
    name: "tests",
    minutes: 25,
    command: [...pnpm, "test"],
  });
  if (tests.isLate) print(describeUnfinished(tests.output));
  if (tests.problem !== "ok") print(`FAILED tests: ${tests.problem}`);
  print(findTotals(tests));
  const isGreen = [...outcomes, tests].every(({ problem }) => problem === "ok");
  process.exitCode = isGreen ? 0 : 1;
}

async function run({ name, minutes, command }) {
  print(`\n=== ${name}: ${command.join(" ")}`);
  const startedAt = Date.now();
  const result = await runLimited(command, minutes);
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  return { ...result, name, seconds };
}

/** Returns the line of totals. A run without one, or with a problem that no total counts, has a failure more. */
function findTotals({ output, problem }) {
  const lines = output.match(/^\d+ passed, \d+ failed.*$/gm) ?? [];
  const totals = lines.at(-1) ?? "0 passed, 0 failed";
  const isCounted = / [1-9]\d* failed/.test(totals);
  return problem === "ok" || isCounted
    ? totals
    : totals.replace("0 failed", "1 failed");
}

function describeUnfinished(output) {
  const files = execFileSync("git", ["ls-files", "*.test.ts", "*.test.tsx"], {
    encoding: "utf8",
  });
  const unfinished = files.split("\n").filter((file) => {
    const [parent = "", folder = "", ...rest] = file.split("/");
    if (rest.length === 0) return false;
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
