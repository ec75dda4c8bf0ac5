import { defineConfig } from "vitest/config";

const conformance = "test/conformance/**/*.test.ts";
const postgres = "src/drizzle/postgres/**/*.test.ts";
// Tests that take long: a thousand values each, several processes, a compiler.
const property = "src/**/*.property.test.ts";
const processes = "src/drizzle/sqlite/{drizzle-kit,processes}.test.ts";
// Tests of servers that listen: the adapters of every host, the tRPC hosts, the helpers for an app's tests.
const servers = [
  "test/hosts/**/*.test.ts",
  "src/trpc/host/*.test.ts",
  "src/testing/app/*.test.ts",
];
const examples = "test/{hosts,readme}.test.ts";
// They install packages: vitest.trials.config.ts.
const trials = "test/trials/**";

export default defineConfig({
  test: {
    // For the property tests: they try a thousand values, beside whatever else the machine does.
    testTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["src/**/*.test.{ts,tsx}", "test/**/*.test.{ts,tsx}"],
          exclude: [
            conformance,
            postgres,
            property,
            processes,
            ...servers,
            examples,
            trials,
          ],
          // A worker reads the modules once for all files: a process for each file doubles the time.
          isolate: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "servers",
          include: servers,
          isolate: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "slow",
          include: [property, processes, examples],
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "postgres",
          include: [postgres],
          // One server for all of them; each file has a database of its own.
          globalSetup: "test/support/postgres-setup.ts",
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "conformance",
          include: [conformance],
          // They wait for the server's process more than they work.
          maxWorkers: 3,
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
    reporters: [
      "default",
      ["json", { outputFile: "test-results/vitest.json" }],
    ],
  },
});
