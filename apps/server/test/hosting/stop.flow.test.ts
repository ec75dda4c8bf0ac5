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

/** Begins a request whose body is still to come; resolves when the server has read its head. */
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

describe("a server that is asked to stop", () => {
  it.each(["SIGTERM", "SIGINT"] as const)(
    "by %s answers the request that it is working on and ends with 0",
    async (signal) => {
      const body = "{}";
      const request = await beginRequest(body);
      const answer: Promise<[IncomingMessage]> = once(request, "response").then(
        ([response]) => [response],
      );

      const stopped = site.server.stop(signal);
      await untilStopping();
      request.end(body);
      const [response] = await answer;

      expect(response.statusCode).toBe(200);
      expect(await readText(response)).toContain("authorizationUrl");
      expect(await stopped).toBe(0);
      expect(site.server.output()).toContain('"server.stopped"');
    },
  );

  it("accepts no new connection", async () => {
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

describe("a server that was started again", () => {
  it("knows the people who were signed in, and the sign-ins that were under way", async () => {
    const [signedIn, underWay] = [site.createVisitor(), site.createVisitor()];
    await signedIn.signIn(ada.upn);
    const query = await underWay.reachCallback(ada.upn);
    await site.stop();

    site = await startAgain();

    const later = site.createVisitor();
    later.setSession(signedIn.session() ?? "");
    expect((await later.query("auth.me")).data?.user.objectId).toBe(
      ada.home.objectId,
    );
    const returning = site.createVisitor();
    // Their names hold the port, which is another now.
    for (const [name, value] of underWay.cookies())
      returning.browser.setCookie(
        site.origin,
        name.replace(underWay.names.flowPrefix, returning.names.flowPrefix),
        value,
      );
    // The port is another, so the cookie's name and the redirect URI are: the provider refuses, but the flow was found and its verifier opened.
    expect(
      (await returning.mutate("auth.callback", query)).error?.data.authCode,
    ).not.toMatch(/flow_not_found|browser_mismatch|internal_error/);
  });
});
