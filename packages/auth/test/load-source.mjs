// Loads a TypeScript module of this package in a process outside Vitest.
import { fileURLToPath } from "node:url";
import { createViteServer } from "vitest/node";

let loading;

/** Returns the exports of a module in `src`. Its later imports are loaded the same way. */
export function loadSource(path) {
  return loadModule(`src/${path}`);
}

/** Returns the exports of any module of this package. */
export async function loadModule(path) {
  const server = await (loading ??= createServer());
  return server.ssrLoadModule(`/${path}`);
}

function createServer() {
  return createViteServer({
    configFile: false,
    root: fileURLToPath(new URL("..", import.meta.url)),
    logLevel: "error",
    appType: "custom",
    server: { middlewareMode: true, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true, include: [] },
  });
}
