import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import module from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEntraEmulator } from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServerProcess } from "../support/processes.js";
import type { ServerProcess } from "../support/processes.js";

let emulator: EntraEmulator;
let folder: string;

beforeAll(async () => {
  emulator = await startEntraEmulator();
  folder = await mkdtemp(join(tmpdir(), "entrada-start-"));
});

afterAll(async () => {
  await emulator?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Starts a server, runs the step, and stops the server. */
async function withServer(
  options: Partial<Parameters<typeof startServerProcess>[0]>,
  step: (server: ServerProcess) => Promise<void>,
): Promise<void> {
  const server = await startServerProcess({
    authority: emulator.origin,
    ...options,
  });
  try {
    await step(server);
  } finally {
    await server.stop();
  }
}

/** Reads a page without what differs in each response. */
async function readPage(url: string): Promise<unknown> {
  const response = await fetch(url);
  const headers = Object.fromEntries(response.headers);
  delete headers["date"];
  const [, nonce = "none"] =
    /'nonce-([^']+)'/.exec(headers["content-security-policy"] ?? "") ?? [];
  return JSON.parse(
    JSON.stringify({
      status: response.status,
      headers,
      html: await response.text(),
    }).replaceAll(nonce, "NONCE"),
  );
}

describe("a server that starts", () => {
  it("responds with the page while its database does not respond", async () => {
    const environment = {
      DATABASE_URL: "postgres://user:password@127.0.0.1:1/none",
    };

    await withServer(
      { environment, until: "database.unavailable" },
      async ({ origin }) => {
        const [health, page, ready] = await Promise.all(
          ["/healthz", "/", "/readyz"].map((path) => fetch(origin + path)),
        );

        expect([health?.status, page?.status, ready?.status]).toEqual([
          200, 200, 503,
        ]);
      },
    );
  });

  it("responds with the same page to a path that it must parse first", async () => {
    await withServer({}, async ({ origin }) => {
      const plain = await readPage(`${origin}/auth/callback?code=c`);
      const parsed = await readPage(`${origin}/%61uth/callback?code=c`);

      expect(plain).toMatchObject({ status: 200 });
      expect(plain).toEqual(parsed);
    });
  });

  it.each(["/readyz", "/healthz?now", "/trpc/auth.me", "/trpc", "/none.js"])(
    "does not respond with the page to %s",
    async (path) => {
      await withServer({}, async ({ origin }) => {
        const response = await fetch(origin + path);

        expect(response.headers.get("content-type")).not.toMatch(/html/);
      });
    },
  );

  it("keeps compiled code beside the SQLite database if Node can", async () => {
    const databasePath = join(folder, "kept", "entrada.db");

    await withServer({ databasePath }, async () => undefined);

    expect(existsSync(join(folder, "kept", "compile-cache"))).toBe(
      "enableCompileCache" in module,
    );
  });

  it("starts where compiled code cannot be kept", async () => {
    const file = join(folder, "compile-cache");
    await writeFile(file, "not a folder");

    await withServer(
      { databasePath: join(folder, "entrada.db") },
      async ({ origin }) => {
        expect((await fetch(`${origin}/readyz`)).status).toBe(200);
      },
    );
  });
});
