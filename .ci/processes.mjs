// The processes of this machine, as Linux lists them in /proc. Elsewhere the lists are empty.
import { readFileSync, readdirSync } from "node:fs";

/** Returns the descendants of a process: their IDs and full command lines. */
export function listProcesses(ancestor) {
  const all = readAll();
  const found = new Set([ancestor]);
  // A child may have a lower ID than its parent, once the IDs have wrapped around.
  for (let size = 0; size !== found.size;) {
    size = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  found.delete(ancestor);
  return all.filter(({ pid }) => found.has(pid));
}

/** Returns the processes that were started with this line, `NAME=value`, in their environment. */
export function listMarked(line) {
  return readAll().filter(({ pid }) =>
    readProc(pid, "environ").split("\0").includes(line),
  );
}

function readAll() {
  const pids = readFolder().filter((name) => /^\d+$/.test(name));
  return pids.map((pid) => readProcess(Number(pid))).filter(isRunning);
}

function readFolder() {
  try {
    return readdirSync("/proc");
  } catch {
    return [];
  }
}

function readProcess(pid) {
  // The name in parentheses may hold anything; the 22nd value is when the process has started.
  const [name = "", rest = ""] = readProc(pid, "stat").split(/\) (?!.*\) )/s);
  const [state = "Z", parent, ...values] = rest.split(" ");
  const text = readProc(pid, "cmdline").replaceAll("\0", " ").trim() || name;
  return { pid, parent: Number(parent), state, startedAt: values[17], text };
}

// A zombie has ended; only its parent has not asked how.
function isRunning({ state }) {
  return state !== "Z" && state !== "X";
}

function readProc(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    // It has ended, or belongs to another user.
    return "";
  }
}
