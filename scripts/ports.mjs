// The ports of development: which they are, and whether they are free.
import { createServer } from "node:net";

/** Returns where everything listens in development, by the server's own variables and the emulator's. */
export function readPorts(environment) {
  const app = environment.APP_URL?.trim() || "http://localhost:5173";
  const port = URL.canParse(app) ? new URL(app).port || "80" : "5173";
  const emulator = environment.ENTRA_EMULATOR_PORT?.trim() ?? "";
  return {
    app: { port: Number(port), what: "the web app", variable: "APP_URL" },
    server: {
      port: Number(environment.PORT?.trim() || "3000"),
      what: "the server",
      variable: "PORT",
    },
    emulator: {
      // A URL is what Kubernetes sets for a service of that name; the emulator ignores it too.
      port: Number(emulator.startsWith("tcp://") ? "5180" : emulator || "5180"),
      what: "the Entra ID emulator",
      variable: "ENTRA_EMULATOR_PORT",
    },
  };
}

/** Returns the uses whose port somebody else listens on. */
export async function findTaken(uses) {
  const areFree = await Promise.all(uses.map(({ port }) => isFree(port)));
  return uses.filter((_, index) => !areFree[index]);
}

/** Returns a port that nobody listens on at the moment. */
export async function findFreePort() {
  const probe = createServer();
  await listen(probe, { port: 0, host: "localhost" });
  const { port } = probe.address();
  await close(probe);
  return port;
}

// `localhost` is two addresses, and either may be taken alone.
async function isFree(port) {
  for (const host of ["127.0.0.1", "::1"]) {
    const probe = createServer();
    const code = await listen(probe, { port, host, exclusive: true });
    if (code === undefined) await close(probe);
    if (code === "EADDRINUSE" || code === "EACCES") return false;
  }
  return true;
}

function listen(probe, options) {
  return new Promise((resolve) => {
    probe.once("error", ({ code }) => resolve(code));
    probe.listen(options, () => resolve(undefined));
  });
}

function close(probe) {
  return new Promise((resolve) => {
    probe.close(resolve);
  });
}
