// Finds a Chromium for the browser tests, installs one if there is none, and prints its path on standard output.
// What it does meanwhile, and what to do if it fails, goes to standard error.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const names = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
];

const usualPlaces = {
  darwin: [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
  ],
  win32: [
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
    "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
  ],
  linux: [
    "/usr/lib/chromium/chromium",
    "/opt/google/chrome/chrome",
    "/snap/bin/chromium",
  ],
};

const remedy = `No Chromium was found and none could be installed. The browser tests need one. Do one of these:
  - install it: apt-get install -y chromium (Debian, Ubuntu), dnf install -y chromium (Fedora), or Google Chrome elsewhere
  - name it: CHROMIUM_PATH=/path/to/chromium
  - let Playwright fetch it: npx -y playwright-core@1.65.1 install --with-deps chromium`;

/** Returns the path of a Chromium that starts. @throws {Error} saying what to do about it if there is none. */
export async function ensureChromium() {
  const chosen = process.env.CHROMIUM_PATH?.trim();
  if (chosen) {
    if (starts(chosen)) return chosen;
    throw new Error(
      `CHROMIUM_PATH is ${chosen}, which is no Chromium that starts. Correct it, or unset it.`,
    );
  }
  const found = (await findInstalled()) ?? (await install());
  if (found === undefined) throw new Error(remedy);
  return found;
}

async function findInstalled() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const candidates = [
    ...names.flatMap((name) => folders.map((folder) => join(folder, name))),
    ...(usualPlaces[process.platform] ?? []),
    await playwrightsOwn(),
  ];
  return candidates.find(starts);
}

async function install() {
  // On Ubuntu the package is a stub that wants snap: installed, it may still not start.
  const found = installBySystem() ? await findInstalled() : undefined;
  if (found !== undefined) return found;
  return (await installByPlaywright()) ? findInstalled() : undefined;
}

function installBySystem() {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || !run("apt-get", ["--version"], { quiet: true })) return false;
  say("No Chromium was found. Installing it by apt-get, which takes a minute.");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  run("apt-get", ["update"], { env });
  return run("apt-get", ["install", "-y", "chromium"], { env });
}

async function installByPlaywright() {
  const cli = join(playwrightFolder(), "cli.js");
  say("Fetching the Chromium that Playwright offers, which takes a minute.");
  // Its system libraries need root; without, they may be there already.
  const dependencies = process.getuid?.() === 0 ? ["--with-deps"] : [];
  return run(process.execPath, [cli, "install", ...dependencies, "chromium"]);
}

async function playwrightsOwn() {
  const entry = pathToFileURL(join(playwrightFolder(), "index.mjs")).href;
  const { chromium } = await import(entry);
  return chromium.executablePath();
}

// The server's tests depend on it, the root does not.
function playwrightFolder() {
  const server = new URL("../apps/server/package.json", import.meta.url);
  const manifest = createRequire(server).resolve(
    "playwright-core/package.json",
  );
  return join(manifest, "..");
}

function starts(path) {
  if (!path || !existsSync(path)) return false;
  return run(path, ["--version"], { quiet: true });
}

function run(command, args, { quiet = false, env = process.env } = {}) {
  const { status } = spawnSync(command, args, {
    env,
    timeout: 600_000,
    // Standard output is for the path alone.
    stdio: quiet ? "ignore" : ["ignore", process.stderr, process.stderr],
  });
  return status === 0;
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    process.stdout.write(`${await ensureChromium()}\n`);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
