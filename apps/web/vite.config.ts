import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

// The variables of the server: where it listens, and where the app is, which is what Vite serves in development.
const server = `http://localhost:${process.env.PORT || "3000"}`;
const app = new URL(process.env.APP_URL || "http://localhost:5173");

// `/auth/callback` is missing on purpose: the redirect URI is a page of this app.
const serverPaths = [
  "/trpc",
  "/healthz",
  "/readyz",
  "/auth/front-channel-logout",
  "/auth/back-channel-logout",
];

const framework =
  /node_modules[\\/](react|react-dom|scheduler|@tanstack|@trpc)[\\/]/;

// What the server does to the built page: the app compares its address with APP_URL.
const nameAppUrl: Plugin = {
  name: "entrada-app-url",
  apply: "serve",
  transformIndexHtml: (html) => html.replace("__APP_URL__", app.href),
};

export default defineConfig({
  plugins: [react(), nameAppUrl],
  // The server puts a fresh nonce in the place of this text, into every index.html it sends.
  html: { cspNonce: "__CSP_NONCE__" },
  build: {
    sourcemap: false,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // Changes when a dependency does, not with every release of ours: browsers keep it.
        codeSplitting: { groups: [{ name: "framework", test: framework }] },
      },
    },
  },
  server: {
    host: "localhost",
    port: Number(app.port || 80),
    strictPort: true,
    // The Origin header stays as the browser sent it: the server compares it with APP_URL.
    proxy: Object.fromEntries(serverPaths.map((path) => [path, server])),
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["test/setup.ts"],
    // A worker reads the modules once for all files: a process for each file doubles the time.
    isolate: false,
    testTimeout: 30_000,
    reporters: [
      "default",
      ["json", { outputFile: "test-results/vitest.json" }],
    ],
  },
});
