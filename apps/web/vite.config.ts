import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

// In development, PORT is the port of the server, and APP_URL is served by Vite.
const server = `http://localhost:${process.env.PORT || "3000"}`;
const app = new URL(process.env.APP_URL || "http://localhost:5173");
const appPath = app.pathname.replace(/\/$/, "");

// Without `/auth/callback`, because the redirect URI is a page of this app.
const serverPaths = [
  "/trpc",
  "/healthz",
  "/readyz",
  "/auth/front-channel-logout",
  "/auth/back-channel-logout",
];

const framework =
  /node_modules[\\/](react|react-dom|scheduler|@tanstack|@trpc)[\\/]/;

// The server does the same in the built page. The app compares its address with APP_URL.
const nameAppUrl: Plugin = {
  name: "entrada-app-url",
  apply: "serve",
  transformIndexHtml: (html) => html.replace("__APP_URL__", app.href),
};

export default defineConfig(({ command }) => ({
  // The server completes the addresses of the built page with the path of APP_URL.
  base: command === "build" ? "./" : `${appPath}/`,
  plugins: [react(), nameAppUrl],
  // The server replaces this text with a new nonce in every index.html that it sends.
  html: { cspNonce: "__CSP_NONCE__" },
  build: {
    sourcemap: false,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // This chunk changes only with dependencies, so browsers can keep it cached between releases.
        codeSplitting: { groups: [{ name: "framework", test: framework }] },
      },
    },
  },
  server: {
    host: "localhost",
    port: Number(app.port || 80),
    strictPort: true,
    // The proxy keeps the Origin header, which the server compares with APP_URL.
    proxy: Object.fromEntries(
      serverPaths.map((path) => [`${appPath}${path}`, server]),
    ),
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["test/setup.ts"],
    // One worker loads the modules once for all files. Isolation would double the time.
    isolate: false,
    testTimeout: 30_000,
    reporters: [
      "default",
      ["json", { outputFile: "test-results/vitest.json" }],
    ],
  },
}));
