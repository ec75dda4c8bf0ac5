import { once } from "node:events";
import { request as sendRequest } from "node:http";
import { startEntraEmulator } from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServerProcess } from "../support/processes.js";

const endOnRequest = new URL("../support/end-on-request.mjs", import.meta.url);

let emulator: EntraEmulator;

beforeAll(async () => {
  emulator = await startEntraEmulator();
});

afterAll(async () => {
  await emulator?.close();
});

describe("the log", () => {
  it.each([
    ["an uncaught exception", "exception", 1],
    ["an exit", "exit", 3],
  ] as const)(
    "contains the lines from immediately before %s",
    async (_, ending, exitCode) => {
      const server = await startServerProcess({
        authority: emulator.origin,
        environment: { NODE_OPTIONS: `--import=${endOnRequest.href}` },
      });
      // Logs that the address is not a trusted proxy.
      const request = sendRequest(`${server.origin}/healthz`, {
        headers: { "x-forwarded-for": "192.0.2.1", "x-end": ending },
      }).end();
      await Promise.race([once(request, "response"), once(request, "error")]);

      // The process ends by itself: a signal that does not end it only waits for that.
      const code = await server.stop("SIGWINCH");

      expect(code).toBe(exitCode);
      expect(server.output()).toContain('"proxy.untrusted"');
    },
  );

  it("contains the last line before SIGTERM ends the process", async () => {
    const server = await startServerProcess({ authority: emulator.origin });

    await server.stop();

    expect(server.output()).toContain('"server.stopped"');
  });

  it("contains a line while the process waits for requests", async () => {
    const server = await startServerProcess({ authority: emulator.origin });
    await fetch(`${server.origin}/healthz`, {
      headers: { "x-forwarded-for": "192.0.2.1" },
    });

    await expect.poll(() => server.output()).toContain('"proxy.untrusted"');

    await server.stop();
  });
});
