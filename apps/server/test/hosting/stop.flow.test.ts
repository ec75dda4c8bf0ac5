import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { request as sendRequest } from "node:http";
import type { ClientRequest, IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text as readText } from "node:stream/consumers";
import { builtInPeople, startEntraEmulator } from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
} from "vitest";
import { startSite } from "../support/site.js";
import type { Site } from "../support/site.js";

const { ada } = builtInPeople;

let emulator: EntraEmulator;
let folder: string;
let site: Site;

beforeAll(async () => {
  emulator = await startEntraEmulator();
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "entrada-stop-"));
  site = await startAgain();
});

afterEach(async () => {
  await site?.stop();
  await rm(folder, { recursive: true, force: true });
});

afterAll(async () => {
  await emulator?.close();
});

async function startAgain(): Promise<Site> {
  return startSite({ emulator, databasePath: join(folder, "entrada.db") });
}

/** Starts a request without its body; resolves after the server has read the head. */
async function beginRequest(body: string): Promise<ClientRequest> {
  const request = sendRequest(`${site.origin}/trpc/auth.login`, {
    method: "POST",
    agent: false,
    headers: {
      "x-csrf": "1",
      "content-type": "application/json",
      "content-length": String(body.length),
      expect: "100-continue",
    },
  });
  request.flushHeaders();
  await once(request, "continue");
  return request;
}

async function untilStopping(): Promise<void> {
  while (!site.server.output().includes('"server.stopping"'))
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
}

describe("a server that receives a stop signal", () => {
  it.each(["SIGTERM", "SIGINT"] as const)(
    "completes the running request and exits with 0: %s",
    async (signal) => {
      const body = "{}";
      const request = await beginRequest(body);
      const responding: Promise<[IncomingMessage]> = once(
        request,
        "response",
      ).then(([response]) => [response]);

      const stopped = site.server.stop(signal);
      await untilStopping();
      request.end(body);
      const [response] = await responding;

      expect(response.statusCode).toBe(200);
      expect(await readText(response)).toContain("authorizationUrl");
      expect(await stopped).toBe(0);
      expect(site.server.output()).toContain('"server.stopped"');
    },
  );

  it("accepts no new connections", async () => {
    const request = await beginRequest("{}");
    const stopped = site.server.stop();
    await untilStopping();

    await expect(fetch(`${site.origin}/healthz`)).rejects.toThrow();

    request.on("error", () => undefined);
    request.end("{}");
    expect(await stopped).toBe(0);
  });

  it("does not wait for a client that never finishes its request", async () => {
    const request = await beginRequest("{}");
    request.on("error", () => undefined);

    expect(await site.server.stop()).toBe(0);
  });
});

describe("a server that was restarted", () => {
  it("still has the sessions and the pending sign-ins", async () => {
    const [signedIn, pending] = [site.createVisitor(), site.createVisitor()];
    await signedIn.signIn(ada.upn);
    const query = await pending.reachCallback(ada.upn);
    await site.stop();

    site = await startAgain();

    const later = site.createVisitor();
    later.setSession(signedIn.session() ?? "");
    expect((await later.query("auth.me")).data?.user.objectId).toBe(
      ada.home.objectId,
    );
    const returning = site.createVisitor();
    // The cookie names contain the port, which has changed.
    for (const [name, value] of pending.cookies())
      returning.browser.setCookie(
        site.origin,
        name.replace(pending.names.flowPrefix, returning.names.flowPrefix),
        value,
      );
    // The provider refuses because the redirect URI has changed with the port, but the flow was found and opened.
    expect(
      (await returning.mutate("auth.callback", query)).error?.data.authCode,
    ).not.toMatch(/flow_not_found|browser_mismatch|internal_error/);
  });
});
