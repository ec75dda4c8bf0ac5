// Runs until its standard input closes, which happens however its parent process ends. Then it stops the PostgreSQL
// server of the folder and removes the folder.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

const [, , folder] = process.argv;
const patienceMilliseconds = 10_000;

// A terminal sends these signals to all its processes. The guard must outlive them.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
  process.on(signal, () => undefined);
process.stdin.on("close", cleanUp).resume();

async function cleanUp() {
  const pid = readPid();
  if (pid !== undefined) await stop(pid);
  rmSync(folder, { recursive: true, force: true, maxRetries: 20 });
  process.exit();
}

/** The first line of the file is the server's process ID. The file exists as long as the server runs. */
function readPid() {
  try {
    const text = readFileSync(join(folder, "data", "postmaster.pid"), "utf8");
    return Number(text.split("\n")[0]);
  } catch {
    return undefined;
  }
}

async function stop(pid) {
  const deadline = Date.now() + patienceMilliseconds;
  send(pid, "SIGQUIT");
  while (Date.now() < deadline) {
    if (!isRunning(pid)) return;
    await setTimeout(10);
  }
  send(pid, "SIGKILL");
}

/** A zombie process still receives signals, but is not running. */
function isRunning(pid) {
  if (!send(pid, 0)) return false;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return !stat.slice(stat.lastIndexOf(")")).startsWith(") Z");
  } catch {
    // Only Linux has this file.
    return true;
  }
}

function send(pid, signal) {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
