import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.{ts,tsx}", "test/**/*.test.{ts,tsx}"],
    typecheck: { enabled: true, include: ["**/*.test-d.ts"] },
    reporters: [
      "default",
      ["json", { outputFile: "test-results/vitest.json" }],
    ],
  },
});
