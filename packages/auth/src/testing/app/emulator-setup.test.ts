import { once } from "node:events";
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { emulatorServer } from "./emulator-server.js";
import { setup } from "./emulator-setup.js";

const variables = [
  "CI",
  "ENTRA_AUTHORITY",
  "ENTRA_CLIENT_ID",
  "ENTRA_CLIENT_SECRET",
  "ENTRA_EMULATOR_PORT",
  "ENTRA_TENANT",
];

beforeEach(() => {
  for (const name of variables) vi.stubEnv(name, undefined);
});

afterEach(() => {
  vi.unstubAllEnvs();
});

function readVariables() {
  return Object.fromEntries(
    variables.map((name) => [name, process.env[name]] as const),
  );
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, "localhost");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (typeof address === "object" && address !== null) return address.port;
  throw new Error("The operating system returned no port.");
}

describe("setup", () => {
  it("starts the emulator and names it in the variables until the returned function stops it", async () => {
    const before = readVariables();

    const stop = await setup();
    const { ENTRA_AUTHORITY: authority = "", ...during } = readVariables();
    const discovery = await fetch(
      `${authority}/organizations/v2.0/.well-known/openid-configuration`,
    );
    await stop();

    expect(discovery.status).toBe(200);
    expect(during).toMatchObject({
      ENTRA_TENANT: "organizations",
      ENTRA_CLIENT_ID: "5f1a7c52-7e0b-4d43-9a55-0c6a1e3f2b10",
      ENTRA_CLIENT_SECRET: "entrada-development-secret",
    });
    expect(readVariables()).toEqual(before);
    await expect(fetch(authority)).rejects.toThrow("fetch failed");
  });

  it.each([
    ["ENTRA_EMULATOR_PORT", (port: number) => String(port)],
    ["ENTRA_AUTHORITY", (port: number) => `http://localhost:${port}`],
  ])("listens on the port of %s", async (name, format) => {
    const port = await findFreePort();
    vi.stubEnv(name, format(port));

    const stop = await setup();
    const { ENTRA_AUTHORITY: authority } = readVariables();
    await stop();

    expect(authority).toBe(`http://localhost:${port}`);
  });

  it("replaces an authority that is not on this machine, and keeps the tenant", async () => {
    vi.stubEnv("ENTRA_AUTHORITY", "https://login.microsoftonline.com");
    vi.stubEnv("ENTRA_TENANT", "contoso.com");

    const stop = await setup();
    const during = readVariables();
    await stop();

    expect(during["ENTRA_AUTHORITY"]).toMatch(/^http:\/\/localhost:\d+$/);
    expect(during["ENTRA_TENANT"]).toBe("contoso.com");
    expect(readVariables()["ENTRA_AUTHORITY"]).toBe(
      "https://login.microsoftonline.com",
    );
  });
});

describe("emulatorServer", () => {
  it("starts the emulator's command at the address that an app uses in development", () => {
    const { command, url, reuseExistingServer } = emulatorServer();

    expect(command).toMatch(/"[^"]+" "[^"]+cli\.js" "--port" "5180"$/);
    expect(url).toMatch(/^http:\/\/localhost:5180\/organizations\/v2\.0\//);
    expect(reuseExistingServer).toBe(true);
  });

  it("takes the port from the option, then from the environment", () => {
    vi.stubEnv("ENTRA_AUTHORITY", "http://localhost:5181");
    const byAuthority = emulatorServer();
    vi.stubEnv("ENTRA_EMULATOR_PORT", "5182");
    const byVariable = emulatorServer();
    const byOption = emulatorServer({ port: 5183, config: "people.json" });

    expect(byAuthority.url).toContain(":5181/");
    expect(byVariable.command).toContain('"5182"');
    expect(byOption.command).toMatch(/"5183" "--config" "people.json"$/);
  });

  it("does not reuse a running emulator in CI", () => {
    vi.stubEnv("CI", "true");

    expect(emulatorServer().reuseExistingServer).toBe(false);
  });
});
