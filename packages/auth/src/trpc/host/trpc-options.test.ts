import { once } from "node:events";
import type { Server } from "node:http";
import type { IncomingMessage } from "node:http";
import { createExpressMiddleware } from "@trpc/server/adapters/express";
import { fastifyTRPCPlugin } from "@trpc/server/adapters/fastify";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { createHTTPHandler } from "@trpc/server/adapters/standalone";
import { applyWSSHandler } from "@trpc/server/adapters/ws";
import express from "express";
import fastify from "fastify";
import { afterEach, describe, expect, it, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { listen } from "../../../test/support/node-exchange.js";
import type { TestServer } from "../../../test/support/node-exchange.js";
import {
  hostRouter as router,
  ownPage,
  signAdaIn,
  subscriptions,
} from "../../../test/support/trpc-hosts.js";
import { createTestAuth } from "../../testing/test-auth.js";
import type { TestAuth } from "../../testing/test-auth.js";
import { createTrpcNodeHandler } from "./node-handler.js";
import { trpcOptions } from "./trpc-options.js";

const minute = 60_000;
const origin = "https://app.test";
let server: TestServer | undefined;

afterEach(async () => {
  vi.useRealTimers();
  await server?.close();
});

function startStandalone({ auth }: TestAuth): Promise<TestServer> {
  return listen(
    createHTTPHandler({
      router,
      basePath: "/trpc/",
      maxBatchSize: 20,
      ...trpcOptions(auth),
    }),
  );
}

/** Starts each of tRPC's own hosts. */
const hosts: Readonly<Record<string, (test: TestAuth) => Promise<TestServer>>> =
  {
    standalone: startStandalone,
    Express: ({ auth }) => {
      const app = express();
      app.use(
        "/trpc",
        createExpressMiddleware({ router, ...trpcOptions(auth) }),
      );
      return listen(app);
    },
    Fastify: async ({ auth }) => {
      const app = fastify();
      await app.register(fastifyTRPCPlugin, {
        prefix: "/trpc",
        trpcOptions: { router, ...trpcOptions(auth) },
      });
      await app.ready();
      return listen((incoming, outgoing) => {
        app.routing(incoming, outgoing);
      });
    },
    Fetch: ({ auth }) =>
      listen(async (incoming, outgoing) => {
        const response = await fetchRequestHandler({
          endpoint: "/trpc",
          req: await toRequest(incoming),
          router,
          ...trpcOptions(auth),
        });
        outgoing.writeHead(response.status, [...response.headers].flat());
        outgoing.end(await response.text());
      }),
  };

async function toRequest(incoming: IncomingMessage): Promise<Request> {
  const { url, method = "", headers } = incoming;
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  return new Request(`${origin}${url}`, {
    method,
    headers: Object.entries(headers).map(([name, value]): [string, string] => [
      name,
      String(value),
    ]),
    ...(method === "POST" ? { body: Buffer.concat(chunks) } : {}),
  });
}

describe.each(Object.entries(hosts))("trpcOptions in %s", (_, start) => {
  it("signs in with every cookie of a batch, and guards procedures", async () => {
    const test = createTestAuth();
    server = await start(test);
    const cookie = await signAdaIn(test);

    const started = await server.send({
      method: "POST",
      path: "/trpc/auth.login,auth.login?batch=1",
      headers: ownPage,
      body: '{"0":{},"1":{}}',
    });
    const greeting = await server.send({
      path: "/trpc/greeting",
      headers: { ...ownPage, cookie },
    });
    const foreign = await server.send({
      path: "/trpc/greeting",
      headers: { cookie },
    });

    const cookies = started.headers.filter(([name]) => name === "set-cookie");
    expect([started.status, cookies.length]).toEqual([200, 2]);
    expect(greeting.body).toBe('{"result":{"data":"Ada Lovelace"}}');
    expect(greeting.headers).toContainEqual(["cache-control", "no-store"]);
    expect(foreign.status).toBe(403);
  });

  it("limits sign-ins by address, where the host knows it", async () => {
    const test = createTestAuth({
      rateLimit: { perMinute: 1 },
      trustedProxies: ["private"],
    });
    server = await start(test);
    const login = async (address: string) =>
      (
        await server?.send({
          method: "POST",
          path: "/trpc/auth.login",
          headers: { ...ownPage, "x-forwarded-for": address },
          body: "{}",
        })
      )?.status;

    const statuses = [
      await login("203.0.113.1"),
      await login("203.0.113.1"),
      await login("203.0.113.2"),
    ];

    expect(statuses).toEqual([200, start === hosts["Fetch"] ? 200 : 429, 200]);
  });
});

describe.each<[string, (test: TestAuth) => Promise<TestServer>]>([
  [
    "createTrpcNodeHandler",
    ({ auth }) => listen(createTrpcNodeHandler({ auth, router })),
  ],
  ["a host with trpcOptions", startStandalone],
])("a subscription by EventSource, in %s", (_, start) => {
  const stream = {
    accept: "text/event-stream",
    "sec-fetch-site": "same-origin",
  };

  it("needs no x-csrf if the browser states that our page sent it", async () => {
    const test = createTestAuth();
    server = await start(test);
    const cookie = await signAdaIn(test);

    const response = await server.open({
      path: "/trpc/ticks",
      headers: { ...stream, cookie },
    });
    let text = "";
    response.on("data", (chunk) => {
      text += String(chunk);
    });
    await vi.waitFor(() => expect(text).toContain('data: "first"'));

    expect(response.statusCode).toBe(200);
    expect(response.headers["content-type"]).toBe("text/event-stream");
    expect(response.headers["cache-control"]).toContain("no-store");
    expect(subscriptions.running).toBe(1);
    response.destroy();
    await vi.waitFor(() => expect(subscriptions.running).toBe(0));
  });

  it.each([
    ["of another site", { ...stream, "sec-fetch-site": "cross-site" }],
    ["of a sibling domain", { ...stream, "sec-fetch-site": "same-site" }],
    ["of another origin", { ...stream, origin: "https://evil.test" }],
    ["without Fetch Metadata", { accept: "text/event-stream" }],
  ])("is refused %s", async (__, headers) => {
    const test = createTestAuth();
    server = await start(test);
    const cookie = await signAdaIn(test);

    const response = await server.send({
      path: "/trpc/ticks",
      headers: { ...headers, cookie },
    });

    expect(response.body).toContain("cross_site_request");
    expect(response.body).not.toContain("first");
  });

  it("reads its session every minute without renewing it, and ends with it", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const test = createTestAuth();
    server = await start(test);
    const cookie = await signAdaIn(test);
    const find = vi.spyOn(test.stores.sessionStore, "find");
    const renew = vi.spyOn(test.stores.sessionStore, "renew");
    const response = await server.open({
      path: "/trpc/ticks",
      headers: { ...stream, cookie },
    });
    let text = "";
    response.on("data", (chunk) => {
      text += String(chunk);
    });
    await vi.waitFor(() => expect(text).toContain("first"));

    test.clock.advance(minute / 1000);
    await vi.advanceTimersByTimeAsync(minute);
    expect([find.mock.calls.length, renew.mock.calls.length]).toEqual([2, 0]);
    expect(text).not.toContain("error");
    const ended = once(response, "end");
    await test.auth.endSession(cookie.split("=")[1]);
    await vi.advanceTimersByTimeAsync(minute);
    await ended;
    await vi.waitFor(() => expect(subscriptions.running).toBe(0));

    expect(text).toContain("event: serialized-error");
    expect(text).toContain("not_signed_in");
  });
});

interface Frame {
  readonly id: number | null;
  readonly result?: { readonly type: string; readonly data?: unknown };
  readonly error?: { readonly data: { readonly authCode: string } };
}

/** Opens a WebSocket, and collects what it receives. */
async function connect(headers: Readonly<Record<string, string>>) {
  const socket = new WebSocket(server?.origin.replace("http", "ws") ?? "", {
    headers,
  });
  const frames: Frame[] = [];
  socket.on("message", (data) => frames.push(JSON.parse(String(data))));
  await once(socket, "open");
  const call = async (id: number, method: string, path: string) => {
    socket.send(JSON.stringify({ id, method, params: { path } }));
    return vi.waitFor(() => {
      const found = frames.find((frame) => frame.id === id);
      if (found === undefined) throw new Error("No answer yet.");
      return (
        found.result?.data ?? found.result?.type ?? found.error?.data.authCode
      );
    });
  };
  return { socket, frames, call };
}

async function startSockets(): Promise<TestAuth> {
  const test = createTestAuth();
  server = await listen(() => undefined);
  const http: Server = server.server;
  applyWSSHandler({
    wss: new WebSocketServer({ server: http }),
    router,
    ...trpcOptions(test.auth),
  });
  return test;
}

describe("trpcOptions in the WebSocket adapter", () => {
  it("guards the calls of a connection of our own origin", async () => {
    const test = await startSockets();
    const cookie = await signAdaIn(test);
    const { socket, call } = await connect({ origin, cookie });

    expect(await call(1, "query", "greeting")).toBe("Ada Lovelace");
    expect(await call(2, "subscription", "ticks")).toBe("started");
    expect(await call(3, "mutation", "auth.logout")).toBe("invalid_request");
    expect(await call(4, "mutation", "auth.login")).toBe("invalid_request");
    socket.close();
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ["another origin", { origin: "https://evil.test" }],
    ["no origin", {}],
    ["an opaque origin", { origin: "null" }],
    ["another site", { origin, "sec-fetch-site": "cross-site" }],
  ])("refuses the calls of a connection of %s", async (_, headers) => {
    const test = await startSockets();
    const cookie = await signAdaIn(test);
    const { socket, call } = await connect({ ...headers, cookie });

    expect(await call(1, "query", "greeting")).toBe("cross_site_request");
    expect(await call(2, "subscription", "ticks")).toBe("cross_site_request");
    socket.close();
  });

  it("closes the connection when its session has ended, and keeps one without a session", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const test = await startSockets();
    const cookie = await signAdaIn(test);
    const signedIn = await connect({ origin, cookie });
    const signedOut = await connect({ origin });
    expect(await signedIn.call(1, "query", "greeting")).toBe("Ada Lovelace");
    expect(await signedOut.call(1, "query", "greeting")).toBe("not_signed_in");
    expect(await signedIn.call(9, "subscription", "ticks")).toBe("started");

    await vi.advanceTimersByTimeAsync(minute);
    expect(await signedIn.call(2, "query", "greeting")).toBe("Ada Lovelace");
    await test.auth.endSession(cookie.split("=")[1]);
    const closed = once(signedIn.socket, "close");
    await vi.advanceTimersByTimeAsync(minute);

    expect((await closed)[0]).toBe(1008);
    await vi.waitFor(() => expect(subscriptions.running).toBe(0));
    expect(await signedOut.call(2, "query", "open")).toBe("open");
    signedOut.socket.close();
  });
});
