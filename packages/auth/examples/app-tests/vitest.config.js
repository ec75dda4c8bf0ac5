import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.js"],
    // In this order: the app uses the emulator.
    globalSetup: ["@entrada/auth/testing/emulator", "./test/start-app.js"],
  },
});
