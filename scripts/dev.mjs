// Starts emulator, server and web app together, and says when and where to open the app. Ctrl+C stops all of it.
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findTaken, readPorts } from "./ports.mjs";
import { watchStarters } from "./starters.mjs";
import { startTurbo } from "./turbo.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const emulatorPackage = "@entrada/entra-emulator";
const pollMilliseconds = 300;
const hintMilliseconds = 30_000;
const stopMilliseconds = 15_000;

let isStopping = false;

await main();

async function main() {
  readSettings();
  const settings = parseSettings(process.env);
  const taken = await findTaken(settings.ports);
  if (taken.length > 0) return refuse(taken);

  const turbo = startTurbo(
    [
      "run",
      "dev",
      ...(settings.emulator === undefined
        ? [`--filter=!${emulatorPackage}`]
        : []),
    ],
    {
      env: settings.env,
      // A group of its own: a Ctrl+C reaches this process alone, which passes it on once.
      detached: process.platform !== "win32",
    },
  );
  const ended = once(turbo, "close");
  stopOnSignal(turbo);
  void announce(settings, ended);
  const code = await waitForGroup(turbo, ended);
  process.exitCode = isStopping ? 0 : code;
}

/** The server reads this file; here it decides the ports. What the environment says already stays. */
function readSettings() {
  try {
    process.loadEnvFile(join(root, "apps/server/.env"));
  } catch {
    // There is none, which is ordinary.
  }
}

function parseSettings(environment) {
  const { app, server, emulator } = readPorts(environment);
  const ownAuthority = `http://localhost:${emulator.port}`;
  const authority = environment.ENTRA_AUTHORITY?.trim() || ownAuthority;
  // Whoever names another identity provider needs no emulator.
  const isEmulated = authority === ownAuthority;
  return {
    // An address that cannot be read is the server's to complain about.
    app: URL.canParse(environment.APP_URL?.trim() ?? "")
      ? environment.APP_URL.trim()
      : `http://localhost:${app.port}`,
    server: `http://localhost:${server.port}`,
    authority,
    emulator: isEmulated ? ownAuthority : undefined,
    env: { ENTRA_AUTHORITY: authority },
    ports: isEmulated ? [app, server, emulator] : [app, server],
  };
}

function refuse(taken) {
  const lines = taken.map(
    ({ port, what, variable }) =>
      `  - port ${port} of ${what}; another one: ${example(variable)}`,
  );
  process.stderr.write(
    [
      "Entrada cannot start, because something else listens on:",
      ...lines,
      "Is Entrada running in another terminal? Stop that, or choose other ports as shown.",
      "",
    ].join("\n"),
  );
  process.exitCode = 1;
}

function example(variable) {
  const values = {
    APP_URL: "http://localhost:5273",
    PORT: "3100",
    ENTRA_EMULATOR_PORT: "5280",
  };
  return `${variable}=${values[variable]}`;
}

/** Waits until the whole chain answers: web app, server and database through the web app's proxy, identity provider. */
async function announce({ app, authority, emulator, server }, ended) {
  // The server before the proxy to it, which would complain about every question that comes too early.
  const addresses = [
    new URL("/readyz", server).href,
    ...(emulator === undefined
      ? []
      : [`${emulator}/organizations/v2.0/.well-known/openid-configuration`]),
    app,
    new URL("/readyz", app).href,
  ];
  const over = new AbortController();
  void ended.finally(() => over.abort());
  const hint = setTimeout(() => {
    process.stderr.write(
      `Still waiting for ${addresses.join(", ")}. Look above for what went wrong.\n`,
    );
  }, hintMilliseconds);
  hint.unref();
  for (const address of addresses) {
    while (!over.signal.aborted && !(await answers(address))) await pause();
  }
  clearTimeout(hint);
  if (!over.signal.aborted && !isStopping)
    printReady({ app, authority, emulator });
}

async function answers(address) {
  try {
    const { ok } = await fetch(address, {
      redirect: "manual",
      signal: AbortSignal.timeout(5_000),
    });
    return ok;
  } catch {
    return false;
  }
}

function pause() {
  return new Promise((resolve) => {
    setTimeout(resolve, pollMilliseconds);
  });
}

function printReady({ app, authority, emulator }) {
  const people = [
    "Sign in as anybody, without a password; for instance",
    "  ada@contoso.com     administrator",
    "  ben@contoso.com     ordinary member",
    "  nora@contoso.com    is asked for consent",
    "  pia@outlook.com     personal account: needs ENTRA_TENANT=common",
  ];
  const lines = [
    `Entrada is ready: open ${app}`,
    "",
    ...(emulator === undefined ? [`Sign-in goes to ${authority}.`] : people),
    "",
    "Ctrl+C stops everything. Who is signed in stays so.",
  ];
  const width = Math.max(...lines.map((line) => line.length));
  const rule = "─".repeat(width + 2);
  const box = lines.map((line) => `│ ${line.padEnd(width)} │`);
  process.stdout.write(
    ["", `┌${rule}┐`, ...box, `└${rule}┘`, "", ""].join("\n"),
  );
}

function stopOnSignal(turbo) {
  const stop = () => {
    if (isStopping) return;
    isStopping = true;
    signalGroup(turbo, "SIGINT");
    setTimeout(() => signalGroup(turbo, "SIGKILL"), stopMilliseconds).unref();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, stop);
  watchStarters(stop);
}

/** Waits until turbo itself has gone: what `startTurbo` starts is a small program around it, which goes first. */
async function waitForGroup(turbo, ended) {
  const [code] = await ended;
  while (signalGroup(turbo, 0)) await pause();
  return code ?? 1;
}

function signalGroup(turbo, signal) {
  try {
    return process.platform === "win32"
      ? turbo.kill(signal)
      : process.kill(-turbo.pid, signal);
  } catch {
    // It has gone.
    return false;
  }
}
