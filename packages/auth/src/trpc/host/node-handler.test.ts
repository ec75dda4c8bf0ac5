import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { listen } from "../../../test/support/node-exchange.js";
import type {
  RawRequest,
  RawResponse,
  TestServer,
} from "../../../test/support/node-exchange.js";
import {
  hostRouter as router,
  ownPage,
  signAdaIn,
} from "../../../test/support/trpc-hosts.js";
import { createAuthFromEnvironment } from "../../environment/create-auth-from-environment.js";
import { createTestAuth } from "../../testing/test-auth.js";
import { createTrpcNodeHandler } from "./node-handler.js";
import type { NodeListener } from "./node-handler.js";
import type { TrpcLimits } from "./host-options.js";

let server: TestServer;

afterEach(async () => {
  await server.close();
});

interface Options extends TrpcLimits {
  readonly appUrl?: string;
  readonly endpoint?: string;
  readonly fallback?: NodeListener;
}

async function start({ appUrl, fallback, ...options }: Options = {}) {
  const test = createTestAuth({ appUrl });
  const { auth } = test;
  server = await listen(
    createTrpcNodeHandler({ auth, router, ...options }, fallback),
  );
  return test;
}

function send(request: RawRequest): Promise<RawResponse> {
  return server.send({
    ...request,
    headers: { ...ownPage, ...request.headers },
  });
}

function readError({ body }: RawResponse): Readonly<Record<string, unknown>> {
  return JSON.parse(body).error.data;
}

function readHeader({ headers }: RawResponse, name: string) {
  return headers.flatMap(([key, value]) => (key === name ? [value] : []));
}

describe("createTrpcNodeHandler", () => {
  it("responds with 404 outside the endpoint, or passes the request to the fallback", async () => {
    await start();
    const paths = ["/", "/trpcs", "/trpc/../x", "//trpc/open", "/TRPC/open"];
    const statuses = await Promise.all(
      paths.map(async (path) => (await send({ path })).status),
    );
    await server.close();
    await start({
      fallback: (_, outgoing) => outgoing.end("fallback"),
    });

    expect(new Set(statuses)).toEqual(new Set([404]));
    expect(await send({ path: "/trpcs" })).toMatchObject({ body: "fallback" });
    expect(await send({ path: "/trpc\\open" })).toMatchObject({
      body: "fallback",
    });
    expect((await send({ path: "/trpc/open" })).body).toContain("open");
  });

  it("responds with 500 if the fallback fails, and continues", async () => {
    const warn = vi.spyOn(process, "emitWarning").mockReturnValue();
    await start({
      fallback: async ({ url }) => {
        throw new Error(`secret ${url}`);
      },
    });

    const response = await send({ path: "/other" });

    expect(response.status).toBe(500);
    expect(response.body).not.toContain("secret");
    expect(warn).toHaveBeenCalledOnce();
    expect((await send({ path: "/trpc/open" })).status).toBe(200);
    warn.mockRestore();
  });

  it("serves the endpoint with and without the path of the app's URL", async () => {
    await start({ appUrl: "https://intranet.example/hr" });
    const paths = ["/trpc/open", "/hr/trpc/open", "/hr/trpc/%6fpen"];

    for (const path of paths)
      expect((await send({ path })).status, path).toBe(200);
    expect((await send({ path: "/other/trpc/open" })).status).toBe(404);
  });

  it("serves another endpoint", async () => {
    await start({ endpoint: "/api/rpc" });

    expect((await send({ path: "/api/rpc/open" })).status).toBe(200);
    expect((await send({ path: "/trpc/open" })).status).toBe(404);
  });

  it("reads the auth at the first request, which fails if its variables are not valid", async () => {
    const warn = vi.spyOn(process, "emitWarning").mockReturnValue();
    const auth = createAuthFromEnvironment({ env: { APP_URL: "nonsense" } });

    server = await listen(createTrpcNodeHandler({ auth, router }));
    const response = await send({ path: "/trpc/open" });

    expect(response.status).toBe(500);
    expect(readError(response)).toMatchObject({ authCode: "internal_error" });
    expect(String(warn.mock.calls[0])).toContain("APP_URL");
    warn.mockRestore();
  });

  it.each(["/trpc/greeting", "/trpc/%67reeting"])(
    "refuses other sites before it reads the body, and sets the headers of every response: %s",
    async (path) => {
      await start();

      const refused = await send({ path, headers: { "x-csrf": "" } });
      const foreign = await send({
        path,
        headers: { origin: "https://evil.test" },
      });

      expect(refused.status).toBe(403);
      expect(readError(refused)).toMatchObject({
        authCode: "cross_site_request",
      });
      expect(foreign.body).toContain("https://app.test");
      for (const response of [refused, await send({ path })])
        expect(Object.fromEntries(response.headers)).toMatchObject({
          "cache-control": "no-store",
          "content-type": "application/json",
          "x-content-type-options": "nosniff",
          "referrer-policy": "no-referrer",
          vary: "trpc-accept, accept",
        });
    },
  );

  it("refuses a batch of more calls than permitted", async () => {
    await start({ maxBatchSize: 2 });

    for (const path of ["open,open,open?batch=1", "open%2Copen%2copen"]) {
      const response = await send({ path: `/trpc/${path}` });
      expect(response.status, path).toBe(400);
      expect(readError(response)).toMatchObject({
        authCode: "invalid_request",
      });
    }
    expect((await send({ path: "/trpc/open,open?batch=1" })).status).toBe(200);
  });

  it.each([
    ["with a Content-Length", "/trpc/echo", {}],
    ["in chunks", "/trpc/echo", { "transfer-encoding": "chunked" }],
    ["for tRPC's own host", "/trpc/%65cho", {}],
  ])("refuses a body that is too long %s", async (_, path, headers) => {
    await start({ maxBodyBytes: 10 });
    const body = JSON.stringify("x".repeat(9));

    const response = await send({ method: "POST", path, headers, body });
    const permitted = await send({
      method: "POST",
      path,
      headers,
      body: '"12345678"',
    });

    expect(response.status).toBe(413);
    expect(readError(response)).toMatchObject({ httpStatus: 413 });
    expect(permitted.body).toContain('"12345678"');
  });

  it("refuses a body that does not arrive in time, and closes the connection", async () => {
    await start({ bodyTimeoutMilliseconds: 20 });
    const socket = connect(Number(new URL(server.origin).port), "localhost");
    let response = "";
    socket.on("data", (chunk) => {
      response += String(chunk);
    });

    socket.write(
      "POST /trpc/echo HTTP/1.1\r\nhost: localhost\r\nx-csrf: 1\r\ncontent-type: application/json\r\ncontent-length: 5\r\n\r\n1",
    );
    await once(socket, "close");

    expect(response).toMatch(/^HTTP\/1\.1 408 /);
    expect(response).toContain("did not arrive in time");
  });

  it("uses the body that a parser in front of it has read", async () => {
    const { auth } = createTestAuth();
    const handler = createTrpcNodeHandler({ auth, router });
    server = await listen((incoming, outgoing) => {
      incoming.resume();
      incoming.once("end", () =>
        handler(Object.assign(incoming, { body: { parsed: 1 } }), outgoing),
      );
    });

    const response = await send({
      method: "POST",
      path: "/trpc/echo",
      body: "{}",
    });

    expect(JSON.parse(response.body)).toEqual({
      result: { data: { parsed: 1 } },
    });
  });

  it("refuses methods that Fetch does not have, and hosts that are none", async () => {
    await start();

    expect((await send({ method: "TRACE", path: "/trpc/open" })).status).toBe(
      400,
    );
    for (const host of ["a:b:c", "[::1", "user@localhost", "x/y"])
      expect(
        (await send({ path: "/trpc/open", headers: { host } })).status,
        host,
      ).toBe(400);
    expect(
      (await send({ path: "/trpc/open", headers: { host: "[::1]:80" } }))
        .status,
    ).toBe(200);
  });

  it("sets every cookie of a batch", async () => {
    await start();

    const response = await send({
      method: "POST",
      path: "/trpc/auth.login,auth.login?batch=1",
      body: '{"0":{},"1":{}}',
    });

    expect(response.status).toBe(200);
    expect(readHeader(response, "set-cookie")).toHaveLength(2);
  });

  it("streams a batch for the link that asks for it", async () => {
    const test = await start();
    const cookie = await signAdaIn(test);

    const response = await send({
      path: "/trpc/greeting,open?batch=1",
      headers: { cookie, "trpc-accept": "application/jsonl" },
    });

    expect(response.status).toBe(200);
    expect(readHeader(response, "transfer-encoding")).toEqual(["chunked"]);
    expect(readHeader(response, "cache-control")).toEqual(["no-store"]);
    expect(response.body).toContain("Ada");
  });

  it("does not read the session of a request with a bearer token, and needs no x-csrf for it", async () => {
    const test = await start();
    const headers = {
      cookie: await signAdaIn(test),
      "x-csrf": "",
      authorization: "Bearer token",
    };

    const guarded = await send({ path: "/trpc/greeting", headers });
    const open = await send({ path: "/trpc/open", headers });
    const me = await send({ path: "/trpc/auth.me", headers });

    expect(readError(guarded)).toMatchObject({ authCode: "not_signed_in" });
    expect(open.status).toBe(200);
    expect(readError(me)).toMatchObject({ authCode: "invalid_request" });
  });
});
