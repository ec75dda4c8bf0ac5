// Finds a Chromium for the browser tests, installs one if there is none, and prints its path on standard output.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";

const names = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
];
const folders = [
  ...(process.env.PATH ?? "").split(delimiter),
  "/Applications/Google Chrome.app/Contents/MacOS",
  "/Applications/Chromium.app/Contents/MacOS",
];
const isRoot = process.getuid?.() === 0;

const path = process.env.CHROMIUM_PATH?.trim() || findOrInstall();
if (path !== undefined && isChromium(path)) process.stdout.write(`${path}\n`);
else explain();

function findOrInstall() {
  const found = find();
  if (found !== undefined) return found;
  process.stderr.write("No Chromium was found. Installing one.\n");
  // On Ubuntu the package is a stub that needs snap, and what it installs may not start.
  return (isRoot && installByApt() && find()) || (fetchByPlaywright(), find());
}

function find() {
  const candidates = ["Google Chrome", "Chromium", ...names].flatMap((name) =>
    folders.map((folder) => join(folder, name)),
  );
  return [...candidates, chromium.executablePath()].find(isChromium);
}

function isChromium(file) {
  return run(file, ["--version"], "ignore");
}

function installByApt() {
  process.env.DEBIAN_FRONTEND = "noninteractive";
  return (
    run("apt-get", ["update"]) && run("apt-get", ["install", "-y", "chromium"])
  );
}

function fetchByPlaywright() {
  const cli = createRequire(import.meta.url).resolve("playwright-core/cli.js");
  const options = isRoot ? ["--with-deps"] : [];
  run(process.execPath, [cli, "install", ...options, "chromium"]);
}

function run(command, args, output = process.stderr) {
  const stdio = ["ignore", output, output];
  return spawnSync(command, args, { timeout: 240_000, stdio }).status === 0;
}

function explain() {
  process.stderr.write(`${
    path === undefined
      ? "No Chromium was found and none could be installed."
      : `CHROMIUM_PATH is ${path}, which does not start as a Chromium.`
  } The browser tests need one. Do one of these:
  - install it: apt-get install -y chromium (Debian, Ubuntu), dnf install -y chromium (Fedora), or Google Chrome elsewhere
  - name it: CHROMIUM_PATH=/path/to/chromium
  - let Playwright fetch it: npx -y playwright-core install --with-deps chromium
`);
  process.exitCode = 1;
}
