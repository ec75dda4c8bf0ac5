import { builtInPeople, startEntraEmulator } from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startPostgresServer } from "../../../../packages/auth/test/support/postgres-server.js";
import { startPostgresProxy } from "../../../../packages/auth/test/support/postgres-proxy.js";
import type { PostgresServer } from "../../../../packages/auth/test/support/postgres-server.js";
import { startServerProcess } from "../support/processes.js";
import type { ServerProcess } from "../support/processes.js";
import { createVisitor } from "../support/visitor.js";

const { ada } = builtInPeople;

let emulator: EntraEmulator;
let postgres: PostgresServer;

beforeAll(async () => {
  [emulator, postgres] = await Promise.all([
    startEntraEmulator(),
    startPostgresServer(),
  ]);
}, 120_000);

afterAll(async () => {
  await emulator?.close();
  await postgres?.close();
});

/** Starts a server on the database, and stops it after `act`. */
async function withServer(
  options: {
    readonly until?: string;
    readonly environment?: Readonly<Record<string, string>>;
  },
  act: (server: ServerProcess) => Promise<void>,
): Promise<void> {
  const server = await startServerProcess({
    ...options,
    authority: emulator.origin,
    environment: { DATABASE_URL: postgres.url(), ...options.environment },
  });
  try {
    await act(server);
  } finally {
    await server.stop();
  }
}

async function readStatus(server: ServerProcess, path: string) {
  const response = await fetch(`${server.origin}${path}`);
  await response.arrayBuffer();
  return response.status;
}

/** Waits until the path has this status. */
async function waitForStatus(
  server: ServerProcess,
  path: string,
  status: number,
): Promise<void> {
  await vi.waitFor(
    async () => expect(await readStatus(server, path)).toBe(status),
    { timeout: 20_000 },
  );
}

describe("a server whose PostgreSQL has not started yet", () => {
  it("logs that it waits, responds with 503, and serves requests once the database is available", async () => {
    await postgres.stop();
    await withServer({ until: "database.unavailable" }, async (server) => {
      const visitor = createVisitor(server.origin);

      const meanwhile = [
        await readStatus(server, "/healthz"),
        await readStatus(server, "/readyz"),
        (await visitor.query("auth.me")).status,
        (await visitor.mutate("auth.login")).error?.data.authCode,
      ];
      await postgres.start();
      await vi.waitFor(
        () => expect(server.output()).toContain('"server.started"'),
        { timeout: 20_000 },
      );

      expect(meanwhile).toEqual([200, 503, 200, "store_unavailable"]);
      expect(server.output()).toMatch(
        /"attempt":1,"retryInMilliseconds":250,.*"code":"ECONNREFUSED".*"database\.unavailable"/,
      );
      expect(server.output()).not.toContain(new URL(postgres.url()).password);
      expect(await readStatus(server, "/readyz")).toBe(200);
      expect((await visitor.signIn(ada.upn)).status).toBe(200);
    });
  });

  it("stops on a signal while it waits", async () => {
    await postgres.stop();
    try {
      await withServer({ until: "database.unavailable" }, async (server) => {
        expect(await server.stop()).toBe(0);
        expect(server.output()).toContain('"server.stopped"');
        expect(server.output()).not.toContain('"server.started"');
      });
    } finally {
      await postgres.start();
    }
  });
});

describe("a server whose PostgreSQL becomes unavailable", () => {
  it.each([
    ["is stopped", () => postgres.stop()],
    ["is killed", () => postgres.kill()],
  ])(
    "is not ready after the database %s, and has all sessions after the restart",
    async (_how, endDatabase) => {
      await withServer({}, async (server) => {
        const visitor = createVisitor(server.origin);
        await visitor.signIn(ada.upn);

        await endDatabase();
        const meanwhile = await visitor.query("auth.me");
        const ready = await readStatus(server, "/readyz");
        await postgres.start();
        await waitForStatus(server, "/readyz", 200);

        expect(meanwhile.status).toBe(503);
        expect(meanwhile.error?.data.authCode).toBe("store_unavailable");
        expect(ready).toBe(503);
        expect((await visitor.query("auth.me")).data?.user.name).toBe(ada.name);
        expect(server.ending()).toBeUndefined();
      });
    },
  );

  it("is not ready with a wrong password, and logs the error code but not the password", async () => {
    const url = Object.assign(new URL(postgres.url()), {
      password: "distinctive",
    });
    await withServer(
      {
        until: "database.unavailable",
        environment: { DATABASE_URL: url.href },
      },
      async (server) => {
        expect(await readStatus(server, "/readyz")).toBe(503);
        expect(server.output()).toContain('"code":"28P01"');
        expect(server.output()).not.toContain("distinctive");
      },
    );
  });
});

describe("a server that stops", () => {
  it("exits although its database is connected and no longer responds", async () => {
    const proxy = await startPostgresProxy(postgres.url());
    await withServer(
      { environment: { DATABASE_URL: proxy.url } },
      async (server) => {
        // Opens several connections: the last query, which releases the lease, closes only one of them.
        await Promise.all(
          Array.from({ length: 20 }, () => readStatus(server, "/readyz")),
        );
        proxy.freeze();

        expect(await server.stop()).toBe(0);
      },
    );
    await proxy.close();
  });

  it("is not ready at once, and serves requests until STOP_DELAY_SECONDS have passed", async () => {
    await withServer(
      { environment: { STOP_DELAY_SECONDS: "3" } },
      async (server) => {
        const visitor = createVisitor(server.origin);
        await visitor.signIn(ada.upn);

        const stopped = server.stop();
        await waitForStatus(server, "/readyz", 503);
        const me = await visitor.query("auth.me");

        expect(me.data?.user.name).toBe(ada.name);
        expect(await stopped).toBe(0);
      },
    );
  });
});
