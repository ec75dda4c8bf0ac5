import { defineConfig } from "@playwright/test";
import { emulatorServer } from "@entrada/auth/testing";

// The app and the tests read these variables.
process.env.PORT ??= "3000";
process.env.APP_URL ??= `http://localhost:${process.env.PORT}`;
process.env.DATABASE_URL ??= "file:./data/e2e.db";

export default defineConfig({
  testDir: "e2e",
  use: {
    baseURL: process.env.APP_URL,
    launchOptions: { executablePath: process.env.CHROMIUM_PATH },
  },
  webServer: [
    emulatorServer(),
    { command: "node app.js", url: process.env.APP_URL },
  ],
});
