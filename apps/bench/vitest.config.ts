import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Each contestant is a process, beside whatever else the machine does.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    include: ["test/**/*.test.ts"],
    reporters: [
      "default",
      ["json", { outputFile: "test-results/vitest.json" }],
    ],
  },
});
