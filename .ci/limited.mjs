// Runs a command that cannot hold up its caller: not by taking too long, nor by what it leaves behind.
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { listMarked, listProcesses } from "./processes.mjs";

const pollMilliseconds = 500;
const patienceMilliseconds = 15_000;

/**
 * Runs the command and prints its output. Afterwards its processes have ended or were killed.
 *
 * The command writes to a file, which this function copies: a pipe would stay open for as long as any descendant lives.
 *
 * @returns What it has written, and "ok" or the problem.
 */
export async function runLimited([program, ...args], minutes) {
  const folder = mkdtempSync(join(tmpdir(), "entrada-check-"));
  const file = join(folder, "output");
  const output = openSync(file, "w+");
  const id = randomUUID();
  try {
    const child = spawn(program, args, {
      env: { ...process.env, CHECK_RUN_ID: id },
      stdio: ["ignore", output, output],
    });
    // One that cannot be killed must not keep this process from exiting.
    child.unref();
    const run = { child, id, known: new Map(), copy: startCopy(output) };
    const problem = await waitForEnd(run, minutes * 60_000);
    await endRemains(run);
    return {
      problem: problem ?? "ok",
      isLate: problem?.startsWith("did not end"),
      output: run.copy(),
    };
  } finally {
    closeSync(output);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function waitForEnd({ child, id, known, copy }, milliseconds) {
  const exit = once(child, "exit").then(
    ([code, signal]) =>
      code === 0 ? undefined : `ended with ${code ?? signal}`,
    ({ message }) => message,
  );
  const deadline = Date.now() + milliseconds;
  let problem = "running";
  while (problem === "running" && Date.now() < deadline) {
    problem = await Promise.race([exit, pause(pollMilliseconds, "running")]);
    copy();
    remember(known, listProcesses(child.pid));
  }
  if (problem !== "running") return problem;
  print(`\nFAILED No end within ${milliseconds / 1000} s. Processes:`);
  printProcesses(findRemains({ id, known }));
  return `did not end within ${milliseconds / 1000} s`;
}

/** Ends what is left of a command. What exits within a few seconds is about to clean up; the rest is listed. */
async function endRemains(run) {
  const { child } = run;
  const isRunning = child.exitCode === null && child.signalCode === null;
  if (isRunning) send(findRemains(run), "SIGTERM");
  if ((await waitWhileLeft(run)).length === 0) return;
  print("\nThese processes were left running and are killed now:");
  printProcesses(findRemains(run));
  send(findRemains(run), "SIGKILL");
  await waitWhileLeft(run);
}

/** Waits until none of the command's processes runs, for a limited time, and returns those that still do. */
async function waitWhileLeft(run) {
  const deadline = Date.now() + patienceMilliseconds;
  let left = findRemains(run);
  while (left.length > 0 && Date.now() < deadline) {
    await pause(pollMilliseconds);
    left = findRemains(run);
  }
  return left;
}

// A server that a test starts gets an environment of its own; a descendant whose parent has ended has lost its ancestors.
// So both are asked: who has been seen below the command, and who carries its mark.
function findRemains({ id, known }) {
  const marked = listMarked(`CHECK_RUN_ID=${id}`);
  remember(known, marked);
  for (const { pid } of marked) remember(known, listProcesses(pid));
  return listProcesses(0).filter(
    ({ pid, startedAt }) => known.get(pid) === startedAt,
  );
}

function remember(known, processes) {
  for (const { pid, startedAt } of processes) known.set(pid, startedAt);
}

function send(processes, signal) {
  for (const { pid } of processes) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended.
    }
  }
}

function printProcesses(processes) {
  for (const { pid, text } of processes) print(`  ${pid} ${text}`);
}

/** Returns a function that prints what is new in the file and returns all of it as plain text. */
function startCopy(file) {
  const buffer = Buffer.alloc(65_536);
  const chunks = [];
  let position = 0;
  return () => {
    for (
      let size;
      (size = readSync(file, buffer, 0, buffer.length, position));
    ) {
      const chunk = Buffer.from(buffer.subarray(0, size));
      process.stdout.write(chunk);
      chunks.push(chunk);
      position += size;
    }
    return stripVTControlCharacters(Buffer.concat(chunks).toString("utf8"));
  };
}

function print(text) {
  process.stdout.write(`${text}\n`);
}
