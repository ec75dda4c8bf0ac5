// Prints the time from the start of the server to its first response, relative to bare node:http with SQLite.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { findFreePort } from "../server/test/support/processes.js";
import { findMedian } from "./load.js";

const rounds = 15;
const root = fileURLToPath(new URL("../server", import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "entrada-bench-"));
const bare = join(folder, "bare.mjs");
await writeFile(
  bare,
  `import { createServer } from "node:http";
import { createRequire } from "node:module";
const Database = createRequire(${JSON.stringify(join(root, "package.json"))})("better-sqlite3");
const database = new Database("bare.db");
database.pragma("journal_mode = WAL");
database.prepare("SELECT 1").get();
createServer((request, response) => response.end("ok")).listen(Number(process.env.PORT), "localhost");
`,
);

const ratios: number[] = [];
for (let round = 0; round < rounds; round++) {
  const theirs = await measureStart(bare);
  const ours = await measureStart(join(root, "dist", "main.js"));
  ratios.push(ours / theirs);
}
console.log(
  `start: ${findMedian(ratios).toFixed(2)} times as long as bare node:http with SQLite`,
);
await rm(folder, { recursive: true });

async function measureStart(program: string): Promise<number> {
  const port = String(await findFreePort());
  const origin = `http://localhost:${port}`;
  const begin = performance.now();
  const child = spawn(process.execPath, [program], {
    cwd: folder,
    stdio: "ignore",
    env: { PORT: port, APP_URL: origin, DATABASE_URL: "file:ours.db" },
  });
  while (child.exitCode === null && !(await isUp(`${origin}/healthz`)))
    await pause(2);
  if (child.exitCode !== null) throw new Error(`${program} ended at once.`);
  const duration = performance.now() - begin;
  child.kill("SIGKILL");
  await once(child, "exit");
  return duration;
}

async function isUp(url: string): Promise<boolean> {
  return fetch(url).then(
    (response) => response.ok,
    () => false,
  );
}
