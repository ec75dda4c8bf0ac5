import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { builtInPeople, startEntraEmulator } from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { findFreePort } from "../../../apps/server/test/support/processes.js";
import { createVisitor } from "../../../apps/server/test/support/visitor.js";

const guide = fileURLToPath(
  new URL("../../../apps/docs/trpc.md", import.meta.url),
);
const results = fileURLToPath(new URL("../test-results", import.meta.url));
const server = fileURLToPath(
  new URL("../../../apps/server/package.json", import.meta.url),
);
/** Runs the TypeScript sources of the workspace. */
const loader = pathToFileURL(createRequire(server).resolve("tsx")).href;
const { ada, ben } = builtInPeople;

let emulator: EntraEmulator;
let folder: string;
let app: ChildProcess;
let origin: string;

beforeAll(async () => {
  emulator = await startEntraEmulator();
  // Below the package, so that the blocks import it by its name.
  await mkdir(results, { recursive: true });
  folder = await mkdtemp(join(results, "hosts-"));
  await writeBlocks();
  const port = await findFreePort();
  origin = `http://localhost:${port}`;
  app = start("trpc/app.js", port);
  await vi.waitFor(() => requireOpen(port), { timeout: 30_000, interval: 100 });
}, 60_000);

afterAll(async () => {
  if (app?.exitCode === null) {
    app.kill();
    await once(app, "exit");
  }
  await emulator?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Writes every block of the guide that has a file name. */
async function writeBlocks(): Promise<void> {
  const text = await readFile(guide, "utf8");
  const blocks = text.matchAll(/^```js file=(\S+)\n([\s\S]*?)^```/gm);
  for (const [, name = "", source = ""] of blocks) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, source);
  }
}

function start(name: string, port: number): ChildProcess {
  return spawn(process.execPath, ["--import", loader, name], {
    cwd: folder,
    env: {
      PATH: process.env["PATH"],
      PORT: String(port),
      APP_URL: `http://localhost:${port}`,
      DATABASE_URL: `file:${join(folder, "entrada.db")}`,
      ENTRA_AUTHORITY: emulator.origin,
    },
    stdio: ["ignore", "inherit", "inherit"],
  });
}

async function requireOpen(port: number): Promise<void> {
  const socket = connect(port, "localhost");
  try {
    await once(socket, "connect");
  } finally {
    socket.destroy();
  }
}

async function ask(path: string, headers: Readonly<Record<string, string>>) {
  const response = await fetch(`${origin}/trpc/${path}`, {
    headers: { "x-csrf": "1", ...headers },
  });
  const {
    result,
    error,
  }: {
    readonly result?: { readonly data: unknown };
    readonly error?: { readonly data: { readonly authCode: string } };
  } = JSON.parse(await response.text());
  return [response.status, result?.data ?? error?.data.authCode];
}

describe("the app of the guide, as it stands", () => {
  it("signs a user in, and guards its procedures", async () => {
    const [adas, bens] = [createVisitor(origin), createVisitor(origin)];
    await adas.signIn(ada.upn);
    await bens.signIn(ben.upn);
    const cookieOf = ({ names, session }: typeof adas) => ({
      cookie: `${names.session}=${session() ?? ""}`,
    });

    expect(await ask("greeting", cookieOf(adas))).toEqual([
      200,
      `Hello ${ada.name}`,
    ]);
    expect(await ask("secrets", cookieOf(adas))).toEqual([
      200,
      "for administrators",
    ]);
    expect(await ask("secrets", cookieOf(bens))).toEqual([
      403,
      "role_required",
    ]);
    expect(await ask("greeting", {})).toEqual([401, "not_signed_in"]);
    expect(await ask("greeting", { "x-csrf": "" })).toEqual([
      403,
      "cross_site_request",
    ]);
  });

  it("responds with 404 to other paths", async () => {
    expect((await fetch(`${origin}/other`)).status).toBe(404);
  });
});
