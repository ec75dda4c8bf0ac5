// Starts turbo with what this repository wants of it: nobody is told what is built here, and nothing asks for updates.
// By itself: `node scripts/turbo.mjs run build`.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const program = createRequire(import.meta.url).resolve("turbo/bin/turbo");

/** The environment of every turbo that is started here. */
export const quietly = {
  TURBO_TELEMETRY_DISABLED: "1",
  DO_NOT_TRACK: "1",
  TURBO_NO_UPDATE_NOTIFIER: "1",
};

/** Starts turbo in the root folder; it writes to this terminal and reads nothing. */
export function startTurbo(args, { env = {}, ...options } = {}) {
  return spawn(process.execPath, [program, ...args], {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    env: { ...process.env, ...quietly, ...env },
    stdio: ["ignore", "inherit", "inherit"],
    ...options,
  });
}

/** Runs turbo to its end and returns its exit code. */
export async function runTurbo(args) {
  const [code] = await once(startTurbo(args), "close");
  return code ?? 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await runTurbo(process.argv.slice(2));
}
