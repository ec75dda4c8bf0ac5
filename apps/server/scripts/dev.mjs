// Runs emulator, server and web app with reload: at the usual ports or, where one is taken, at a free one. Prints the
// address to open when all of them respond. Ctrl+C stops everything.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import {
  setInterval as every,
  setTimeout as pause,
} from "node:timers/promises";
import getPort from "get-port";

const { env } = process;
const settings = fileURLToPath(new URL("../.env", import.meta.url));
const pollMilliseconds = 300;

await main();

async function main() {
  if (existsSync(settings)) process.loadEnvFile(settings);
  const isEmulated = await configure();
  const turbo = startTurbo(isEmulated ? [] : ["!@entrada/entra-emulator"]);
  const over = new AbortController();
  const stop = () => {
    over.abort();
    turbo.kill();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, stop);
  void stopWithPackageManager(stop);
  void announce(over.signal, isEmulated);
  const [code] = await once(turbo, "exit");
  process.exit(over.signal.aborted ? 0 : (code ?? 1));
}

/** Sets the variables that are not set, and returns whether the emulator is the identity provider. */
async function configure() {
  const isAppGiven = URL.canParse(env.APP_URL ?? "");
  const app = isAppGiven ? new URL(env.APP_URL).port || "80" : undefined;
  env.PORT = await choosePort("PORT", env.PORT, 3000);
  env.APP_URL ||= `http://localhost:${await choosePort("APP_URL", app, 5173)}`;

  const emulator = env.ENTRA_EMULATOR_PORT;
  const ownAuthority = `http://localhost:${emulator || 5180}`;
  if ((env.ENTRA_AUTHORITY || ownAuthority) !== ownAuthority) return false;
  const port = await choosePort("ENTRA_EMULATOR_PORT", emulator, 5180);
  env.ENTRA_EMULATOR_PORT = port;
  env.ENTRA_AUTHORITY = `http://localhost:${port}`;
  return true;
}

/** Returns the given port, or the usual one, or a free one if the usual one is taken. Exits if the given one is taken. */
async function choosePort(variable, given, usual) {
  const wanted = Number(given || usual);
  const free = await getPort({ port: wanted });
  if (free === wanted) return String(free);
  if (!given) {
    print(`Port ${usual} is taken. ${free} is used instead.`);
    return String(free);
  }
  print(`Port ${given} of ${variable} is taken.
Stop the program that uses it, choose another port, or unset ${variable}.`);
  process.exit(1);
}

/** Starts the `dev` tasks in a process group of their own, so that Ctrl+C reaches this process alone. */
function startTurbo(filters) {
  const program = createRequire(import.meta.url).resolve("turbo/bin/turbo");
  const options = filters.map((filter) => `--filter=${filter}`);
  return spawn(process.execPath, [program, "run", "dev", ...options], {
    cwd: fileURLToPath(new URL("../../..", import.meta.url)),
    env: { ...env, DO_NOT_TRACK: "1" },
    stdio: ["ignore", "inherit", "inherit"],
    detached: process.platform !== "win32",
  });
}

async function announce(signal, isEmulated) {
  // The server first: Vite logs an error for each request that it cannot pass on to the server.
  for (const origin of [`http://localhost:${env.PORT}`, env.APP_URL])
    while (!signal.aborted && !(await isReady(new URL("/readyz", origin))))
      await pause(pollMilliseconds);
  if (signal.aborted) return;
  print(`
Entrada is ready: open ${env.APP_URL}

${
  isEmulated
    ? "Sign in as ada@contoso.com (administrator), ben@contoso.com (member), nora@contoso.com (must consent) or\nanother person of the list above. No password is needed."
    : `Users sign in at ${env.ENTRA_AUTHORITY}.`
}
Ctrl+C stops everything. Users stay signed in.
`);
}

async function isReady(url) {
  const options = { redirect: "manual", signal: AbortSignal.timeout(5_000) };
  return fetch(url, options).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** Calls `stop` when npx or pnpm above this process has ended: neither passes SIGTERM on. Only Linux can be asked. */
async function stopWithPackageManager(stop) {
  const parent = process.ppid;
  const ancestors = [parent, readParent(parent)].filter(isPackageManager);
  for await (const _ of every(pollMilliseconds, undefined, { ref: false }))
    if (!ancestors.every(isPackageManager)) return stop();
}

function readParent(pid) {
  return /^PPid:\s*(\d+)/m.exec(readProc(pid, "status"))?.[1];
}

function isPackageManager(pid) {
  return /\b(npx|npm|pnpm)\b/.test(readProc(pid, "cmdline"));
}

function readProc(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

function print(text) {
  process.stdout.write(`${text}\n`);
}
