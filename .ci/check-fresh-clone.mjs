// Does what a new developer does: clones the last commit, runs the command of the README, signs in, stops, starts again.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "entrada-fresh-clone-"));

try {
  execFileSync("git", ["clone", "--quiet", root, folder], { stdio: "inherit" });
  const browser = await launchBrowser();
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000);

  let dev = await start();
  await signIn(page, dev.app);
  await stop(dev);
  dev = await start(dev.app);
  await expectSignedIn(page, dev.app);
  await stop(dev);
  await browser.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
// Whatever still runs is reported and ended by the caller.
process.exit();

async function launchBrowser() {
  const server = join(root, "apps/server");
  const { chromium } = createRequire(join(server, "package.json"))(
    "playwright-core",
  );
  const find = [join(server, "scripts/ensure-chromium.mjs")];
  return chromium.launch({
    executablePath: execFileSync(process.execPath, find, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    }).trim(),
    chromiumSandbox: process.getuid?.() !== 0,
    args: ["--disable-gpu", "--disable-quic", "--no-first-run"],
  });
}

/** Starts `dev` and returns the address that it prints. The second start has to find the first one's ports free. */
async function start(expected) {
  const child = spawn("npx", ["-y", "pnpm@12", "dev"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    process.stdout.write(chunk);
    output += chunk;
    const [, app] = /Entrada is ready: open (\S+)/.exec(output) ?? [];
    if (app === undefined) continue;
    child.stdout.pipe(process.stdout);
    if (expected !== undefined && app !== expected)
      throw new Error(`dev has moved from ${expected} to ${app}.`);
    return { child, app };
  }
  throw new Error("dev ended before it was ready.");
}

async function stop({ child, app }) {
  child.kill("SIGTERM");
  // Its output ends with the last process that writes to it.
  await once(child, "close");
  const isAlive = await fetch(app).then(
    () => true,
    () => false,
  );
  if (isAlive) throw new Error(`${app} still responds after the stop.`);
}

async function signIn(page, app) {
  const wanted = `${app}/workspace?from=fresh-clone#here`;
  await page.goto(wanted);
  await page.getByRole("button", { name: "Sign in with Microsoft" }).click();
  await page.getByRole("button", { name: "ada@contoso.com" }).click();
  await page.getByText("Good to see you, Ada Lindqvist.").waitFor();
  if (page.url() !== wanted)
    throw new Error(`The sign-in ended at ${page.url()}.`);
}

async function expectSignedIn(page, app) {
  await page.goto(`${app}/account`);
  await page.getByRole("button", { name: /^Account menu, Ada/ }).waitFor();
}
