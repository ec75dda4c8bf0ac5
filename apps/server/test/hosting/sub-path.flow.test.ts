import { startEntraEmulator } from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServerProcess } from "../support/processes.js";
import type { ServerProcess } from "../support/processes.js";

describe("a server whose APP_URL has a path", () => {
  let emulator: EntraEmulator;
  let server: ServerProcess;

  beforeAll(async () => {
    emulator = await startEntraEmulator();
    server = await startServerProcess({
      authority: emulator.origin,
      appPath: "/hr",
    });
  });
  afterAll(async () => {
    await server?.stop();
    await emulator?.close();
  });

  const send = (path: string, init: RequestInit = {}) =>
    fetch(`${server.origin}${path}`, {
      ...init,
      headers: { "x-csrf": "1", origin: server.origin, ...init.headers },
      redirect: "manual",
    });

  it.each([
    ["with the path", "/hr"],
    ["by a proxy that strips the path", ""],
  ])("responds to requests that arrive %s", async (_, prefix) => {
    const page = await (await send(`${prefix}/account`)).text();
    const script = /src="([^"]+\.js)"/.exec(page)?.[1] ?? "";
    const paths = [
      script.slice("/hr".length),
      "/favicon.svg",
      "/healthz",
      "/readyz",
      "/trpc/auth.me",
      "/trpc/auth.me?batch=1",
      "/auth/front-channel-logout?sid=unknown",
    ];
    const statuses = await Promise.all(
      paths.map(async (path) => (await send(`${prefix}${path}`)).status),
    );
    const login = await send(`${prefix}/trpc/auth.login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ returnUrl: "/hr/account" }),
    });

    expect(script).toMatch(/^\/hr\/assets\//);
    expect(page).toContain(`content="${server.origin}/hr"`);
    expect(statuses).toEqual(paths.map(() => 200));
    expect(decodeURIComponent(await login.text())).toContain(
      `redirect_uri=${server.origin}/hr/auth/callback`,
    );
    expect(login.headers.get("set-cookie")).toContain(`flow-${server.port}.`);
  });

  it.each(["/hrx/trpc/auth.me", "/other/trpc/auth.me", "/hr/hrx/healthz"])(
    "does not respond with the API at %s",
    async (path) => {
      const response = await send(path);

      expect(response.headers.get("content-type")).not.toContain("json");
    },
  );
});
