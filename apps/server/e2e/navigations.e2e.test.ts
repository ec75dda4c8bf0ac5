import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import {
  builtInPeople,
  demoApp,
  startEntraEmulator,
} from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findFreePort } from "../test/support/processes.js";
import { useEntrada } from "./support/entrada.js";
import { pick, readHistory } from "./support/steps.js";

const { ada } = builtInPeople;
const program = fileURLToPath(
  new URL("../../../packages/auth/examples/node-http/app.mjs", import.meta.url),
);

describe("a sign-in by navigations, with the identity provider on another site", () => {
  const entrada = useEntrada();
  let emulator: EntraEmulator;
  let app: ChildProcess;
  let origin: string;

  beforeAll(async () => {
    // `localhost` and `127.0.0.1` are two sites: `SameSite=Strict` cookies do not travel from one to the other.
    emulator = await startEntraEmulator({ host: "127.0.0.1" });
    const port = await findFreePort();
    origin = `http://localhost:${port}`;
    app = spawn(process.execPath, ["--import", "tsx", program], {
      env: {
        PORT: String(port),
        AUTH_SECRET: randomBytes(32).toString("base64"),
        ENTRA_AUTHORITY: emulator.origin,
        ENTRA_CLIENT_ID: demoApp.clientId,
        ENTRA_CLIENT_SECRET: demoApp.clientSecret,
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    if (app.stdout !== null) await once(app.stdout, "data");
  });

  afterAll(async () => {
    app?.kill("SIGKILL");
    await emulator?.close();
  });

  it("comes back signed in, and leaves the callback out of the history", async () => {
    const { page } = await entrada.visit();
    await page.goto(`${origin}/auth/login?returnUrl=/welcome`);

    await pick(page, ada);
    await page.waitForURL(`${origin}/welcome`);

    expect(await page.innerText("body")).toContain(ada.name);
    for (const address of await readHistory(page))
      expect(address).not.toContain("code=");
  });
});
