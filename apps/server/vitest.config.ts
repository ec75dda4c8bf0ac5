import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["src/**/*.test.ts"],
          exclude: ["src/**/*.property.test.ts"],
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "http",
          include: ["src/**/*.property.test.ts", "test/**/*.test.ts"],
          // They wait for other processes more than they work.
          maxWorkers: 3,
          isolate: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "browser",
          include: ["e2e/**/*.e2e.test.ts"],
          globalSetup: "e2e/support/chromium-setup.ts",
          // Each file has a browser, a server and an emulator of its own.
          maxWorkers: 2,
          isolate: false,
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
