import { describe, expect, it, vi } from "vitest";
import { listen } from "../../../test/support/node-exchange.js";
import type { RawRequest } from "../../../test/support/node-exchange.js";
import {
  hostRouter as router,
  ownPage,
  signAdaIn,
  subscriptions,
} from "../../../test/support/trpc-hosts.js";
import { createTestAuth } from "../../testing/test-auth.js";
import { createTrpcHandler } from "./fetch-handler.js";
import { createTrpcNodeHandler } from "./node-handler.js";

const requests: readonly RawRequest[] = [
  { path: "/trpc/open" },
  { path: "/trpc/open/" },
  { path: "/trpc/greeting" },
  { path: "/trpc/greeting,open?batch=1" },
  { path: "/trpc/unknown" },
  { path: "/trpc/echo" },
  { path: "/trpc" },
  { path: "/trpc/%ff" },
  { path: "/trpc/open,open,open?batch=1" },
  { path: "/trpc/open", headers: { "x-csrf": "" } },
  { path: "/trpc/auth.me", headers: { authorization: "Bearer a" } },
  { path: "/trpc/open", headers: { "content-type": "text/plain" } },
  { method: "POST", path: "/trpc/echo", body: '{"a":1}' },
  { method: "POST", path: "/trpc/echo", body: "{" },
  { method: "POST", path: "/trpc/echo", body: "" },
  { method: "POST", path: "/trpc/auth.logout", headers: { cookie: "" } },
  { method: "POST", path: "/trpc/echo", body: JSON.stringify("x".repeat(99)) },
  { method: "PUT", path: "/trpc/echo", body: "1" },
  { method: "HEAD", path: "/trpc/open" },
];

describe("createTrpcHandler", () => {
  it.each(
    requests.map((request) => [JSON.stringify(request), request] as const),
  )(
    "returns the response of the listener for Node: %s",
    async (_, { path, method = "GET", headers, body }) => {
      const test = createTestAuth();
      const cookie = await signAdaIn(test);
      const options = {
        auth: test.auth,
        router,
        maxBatchSize: 2,
        maxBodyBytes: 50,
      };
      const sent = { ...ownPage, cookie, ...headers };
      const server = await listen(createTrpcNodeHandler(options));

      const expected = await server.send({ path, method, headers: sent, body });
      await server.close();
      const response = await createTrpcHandler(options)(
        new Request(`https://app.test${path}`, {
          method,
          headers: sent,
          ...(body === undefined ? {} : { body: String(body) }),
        }),
      );

      const transport =
        /^(connection|content-length|date|keep-alive|transfer-encoding)$/;
      expect({
        status: response.status,
        headers: [...response.headers].toSorted((one, other) =>
          one.join().localeCompare(other.join()),
        ),
        body: await response.text(),
      }).toEqual({
        ...expected,
        headers: expected.headers.filter(([name]) => !transport.test(name)),
      });
    },
  );

  it("responds with 404 outside the endpoint", async () => {
    const handle = createTrpcHandler({ auth: createTestAuth().auth, router });

    const response = await handle(new Request("https://app.test/other"));

    expect(response.status).toBe(404);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it("ends a subscription with its session, and aborts its signal", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const test = createTestAuth();
    const cookie = await signAdaIn(test);
    const handle = createTrpcHandler({ auth: test.auth, router });
    const headers = {
      cookie,
      accept: "text/event-stream",
      "sec-fetch-site": "same-origin",
    };

    const response = await handle(
      new Request("https://app.test/trpc/ticks", { headers }),
    );
    const text = response.text();
    await vi.waitFor(() => expect(subscriptions.running).toBe(1));
    await test.auth.endSession(cookie.split("=")[1]);
    await vi.advanceTimersByTimeAsync(60_000);

    expect(await text).toContain("not_signed_in");
    await vi.waitFor(() => expect(subscriptions.running).toBe(0));
    vi.useRealTimers();
  });

  it("limits sign-ins by the address of the peer, and not at all if it is unknown", async () => {
    const { auth } = createTestAuth({ rateLimit: { perMinute: 1 } });
    const handle = createTrpcHandler({ auth, router });
    const login = async (clientAddress?: string) => {
      const request = new Request("https://app.test/trpc/auth.login", {
        method: "POST",
        headers: ownPage,
        body: "{}",
      });
      return (await handle(request, { clientAddress })).status;
    };

    expect([
      await login("203.0.113.1"),
      await login("203.0.113.1"),
      await login("203.0.113.2"),
    ]).toEqual([200, 429, 200]);
    expect([await login(), await login(), await login()]).toEqual([
      200, 200, 200,
    ]);
  });

  it("refuses a body that is longer than its Content-Length says, or is late", async () => {
    const { auth } = createTestAuth();
    const handle = createTrpcHandler({
      auth,
      router,
      maxBodyBytes: 10,
      bodyTimeoutMilliseconds: 20,
    });
    const post = (body: ReadableStream<Uint8Array>) =>
      handle(
        new Request(
          "https://app.test/trpc/echo",
          Object.assign(
            { method: "POST", headers: ownPage, body },
            { duplex: "half" },
          ),
        ),
      );
    const long = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(8)),
    });

    expect((await post(long)).status).toBe(413);
    expect((await post(new ReadableStream())).status).toBe(408);
  });
});
