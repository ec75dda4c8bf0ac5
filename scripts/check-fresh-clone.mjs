// Does what a newcomer does: takes the repository as git would hand it out, runs README's command, signs in, stops.
// Where the ports of development are taken it takes others, and says so.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ensureChromium } from "./ensure-chromium.mjs";
import { findFreePort, findTaken, readPorts } from "./ports.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
// A fresh install compiles the SQLite driver where no built one can be downloaded.
const startMilliseconds = 8 * 60_000;
const stopMilliseconds = 30_000;

await main();

async function main() {
  const folder = await mkdtemp(join(tmpdir(), "entrada-fresh-clone-"));
  const place = { folder, ...(await choosePorts()) };
  let running;
  try {
    await copyRepository(folder);
    const { browser, page } = await openBrowser();
    try {
      running = await start(place);
      await signIn(page, place.app);
      await stop(running, place);
      say("Stopped without remains. Starting again.");

      running = await start(place);
      await expectStillSignedIn(page, place.app);
      await stop(running, place);
      running = undefined;
      say("The sign-in has outlived the restart. All is well.");
    } finally {
      await browser.close();
    }
  } catch (error) {
    process.exitCode = 1;
    say(
      `FAILED: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    if (running !== undefined)
      await stop(running, place).catch(() => undefined);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Returns where everything will listen: at the usual ports, or at free ones if one of those is taken. */
async function choosePorts() {
  const usual = readPorts({});
  const taken = await findTaken(Object.values(usual));
  if (taken.length === 0) return toPlace(usual);
  const list = taken.map(({ port }) => port).join(", ");
  say(`Something listens on ${list} already; free ports are used instead.`);
  return toPlace({
    app: { port: await findFreePort() },
    server: { port: await findFreePort() },
    emulator: { port: await findFreePort() },
  });
}

function toPlace({ app, server, emulator }) {
  const isUsual = app.port === readPorts({}).app.port;
  return {
    app: toAddress(app.port),
    addresses: [app, server, emulator].map(({ port }) => toAddress(port)),
    // At the usual ports nothing is set, as in README.
    env: isUsual
      ? {}
      : {
          APP_URL: toAddress(app.port),
          PORT: String(server.port),
          ENTRA_EMULATOR_PORT: String(emulator.port),
        },
  };
}

function toAddress(port) {
  return `http://localhost:${port}`;
}

/** Copies what git knows or would take, and nothing that it ignores: no dependencies, no builds, no database. */
async function copyRepository(folder) {
  const list = execFileSync(
    "git",
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 },
  );
  const files = list.split("\0").filter((file) => file !== "");
  for (const file of files) {
    const isThere = await stat(join(root, file)).then(
      () => true,
      () => false,
    );
    if (!isThere) continue;
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await cp(join(root, file), join(folder, file));
  }
  say(`Copied ${files.length} files to ${folder}.`);
}

async function openBrowser() {
  const server = new URL("../apps/server/package.json", import.meta.url);
  const entry = createRequire(server).resolve("playwright-core");
  const { chromium } = await import(
    pathToFileURL(join(dirname(entry), "index.mjs")).href
  );
  const browser = await chromium.launch({
    executablePath: await ensureChromium(),
    chromiumSandbox: process.getuid?.() !== 0,
    args: ["--disable-gpu", "--disable-quic", "--no-first-run"],
  });
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  return { browser, page };
}

async function start({ folder, app, env }) {
  const startedAt = Date.now();
  const child = spawn("npx", ["-y", "pnpm@12", "dev"], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ready = new Promise((resolve) => {
    let output = "";
    const read = (chunk) => {
      process.stdout.write(chunk);
      output += String(chunk);
      if (output.includes(`Entrada is ready: open ${app}`)) resolve();
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
  });
  const ended = once(child, "close").then(() => {
    throw new Error("pnpm dev ended before it was ready; see above.");
  });
  await within(
    startMilliseconds,
    "pnpm dev did not become ready",
    Promise.race([ready, ended]),
  );
  ended.catch(() => undefined);
  say(`Ready after ${Math.round((Date.now() - startedAt) / 1000)} s.`);
  return child;
}

async function signIn(page, app) {
  const wanted = `${app}/workspace?from=fresh-clone#here`;
  await page.goto(wanted);
  await page.getByRole("button", { name: "Sign in with Microsoft" }).click();
  await page.getByRole("button", { name: "ada@contoso.com" }).click();
  await page.getByText("Good to see you, Ada Lindqvist.").waitFor();
  if (page.url() !== wanted)
    throw new Error(`The sign-in ended at ${page.url()}.`);
  say("Signed in, and back at the page that was wanted.");
}

async function expectStillSignedIn(page, app) {
  await page.goto(`${app}/account`);
  await page.getByRole("button", { name: /^Account menu, Ada/ }).waitFor();
}

async function stop(child, { addresses }) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, "close");
  child.kill("SIGTERM");
  await within(stopMilliseconds, "pnpm dev did not stop", closed);
  for (const url of addresses) {
    const isAlive = await fetch(url).then(
      () => true,
      () => false,
    );
    if (isAlive) throw new Error(`${url} still answers after the stop.`);
  }
}

async function within(milliseconds, complaint, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${complaint} in ${milliseconds / 1000} s.`)),
      milliseconds,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function say(text) {
  process.stdout.write(`fresh clone: ${text}\n`);
}
