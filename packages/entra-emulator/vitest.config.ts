import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Some tests make RSA keys, beside whatever else the machine does.
    testTimeout: 30_000,
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    reporters: [
      "default",
      ["json", { outputFile: "test-results/vitest.json" }],
    ],
  },
});
