import { defineConfig } from "vitest/config";

// Trials of the packed packages: an app outside the workspace installs them, from the registry if they are not in the
// package manager's store. They are no part of `test`, because it connects to no other machine.
export default defineConfig({
  test: {
    include: ["test/trials/**/*.test.ts"],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    reporters: [
      "default",
      ["json", { outputFile: "test-results/trials.json" }],
    ],
  },
});
