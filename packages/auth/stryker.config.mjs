/**
 * Mutation testing of the core: `npx -y pnpm@12 --filter @entrada/auth mutation`. It takes tens of minutes, so it is not
 * part of `test`. It prints each surviving mutant, and writes the figures to reports/mutation.json.
 *
 * @type {import("@stryker-mutator/core").PartialStrykerOptions}
 */
export default {
  mutate: ["src/core/**/*.ts", "!src/core/**/*.test{,-d}.ts"],
  testRunner: "vitest",
  vitest: { configFile: "vitest.mutation.config.ts" },
  coverageAnalysis: "perTest",
  plugins: [
    "@stryker-mutator/vitest-runner",
    "./test/mutation/ignore-messages.mjs",
  ],
  ignorers: ["error-messages"],
  // `mutation:changed` takes from here what it need not run again.
  incremental: true,
  incrementalFile: "reports/mutation-incremental.json",
  concurrency: 2,
  timeoutMS: 20_000,
  thresholds: { high: 97, low: 95, break: 95 },
  reporters: ["clear-text", "json"],
  jsonReporter: { fileName: "reports/mutation.json" },
  clearTextReporter: { reportTests: false, skipFull: true },
  tempDirName: ".stryker-tmp",
  // Left out of the copies, whose transpiler then finds the package's own one level up. Stryker's reader of it needs the
  // compiler's API, which TypeScript 7 does not have.
  ignorePatterns: ["tsconfig*.json", "/dist", "/examples"],
  tsconfigFile: "none.json",
};
