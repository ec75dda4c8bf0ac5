import { spawn } from "node:child_process";
import { once } from "node:events";
import { text as readText } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { EndedProcess } from "./processes.js";

const backupProgram = fileURLToPath(
  new URL("../../dist/backup.js", import.meta.url),
);

/** Runs the built backup command on this database until it exits. */
export async function runBackup(
  databaseUrl: string,
  parameters: readonly string[],
  folder: string,
): Promise<EndedProcess> {
  const child = spawn(process.execPath, [backupProgram, ...parameters], {
    cwd: folder,
    env: { PATH: process.env["PATH"], DATABASE_URL: databaseUrl },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = await Promise.all([
    readText(child.stdout),
    readText(child.stderr),
    once(child, "close"),
  ]);
  return { code: child.exitCode, stdout, stderr };
}
