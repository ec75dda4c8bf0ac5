// Notices the death of whoever started this process: npx and pnpm may end without passing a signal on.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setInterval } from "node:timers";

const starter = /\b(npx|npm|pnpm)\b/;
const pollMilliseconds = 500;

/**
 * Calls `onEnd` once when one of the package managers above this process has ended. Their own starter, such as a shell,
 * may end before them: that is how something is left running in the background.
 */
export function watchStarters(onEnd) {
  const starters = findStarters(process.ppid);
  const watch = setInterval(() => {
    if (starters.every(isAlive)) return;
    clearInterval(watch);
    onEnd();
  }, pollMilliseconds);
  watch.unref();
}

function findStarters(pid) {
  const found = [];
  let current = pid;
  // Between two package managers there may be a shell that runs a script for one of them.
  for (let passed = []; current > 1;) {
    const { parent, command } = readProcess(current);
    passed.push(current);
    if (starter.test(command)) {
      found.push(...passed);
      passed = [];
    }
    if (passed.length > 2) break;
    current = parent;
  }
  return found;
}

function readProcess(pid) {
  try {
    return process.platform === "linux" ? readFromProc(pid) : readFromPs(pid);
  } catch {
    return { parent: 0, command: "" };
  }
}

function readFromProc(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
  const [, parent] = /^PPid:\s*(\d+)/m.exec(status) ?? [];
  return { parent: Number(parent ?? 0), command: isolate(command) };
}

function readFromPs(pid) {
  const args = ["-o", "ppid=", "-o", "command=", "-p", String(pid)];
  const line = execFileSync("ps", args, { encoding: "utf8" }).trim();
  const [, parent, command] = /^(\d+)\s+(.*)$/s.exec(line) ?? [];
  return { parent: Number(parent ?? 0), command: isolate(command ?? "") };
}

// The first two words say which program it is; anything further may be an argument of somebody else's.
function isolate(command) {
  return command.split(/[\0 ]/).slice(0, 2).join(" ");
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
