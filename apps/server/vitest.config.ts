import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: [
      "default",
      ["json", { outputFile: "test-results/vitest.json" }],
    ],
  },
});
