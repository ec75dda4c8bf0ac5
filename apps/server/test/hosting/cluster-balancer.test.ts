import { EventEmitter, once } from "node:events";
import { createServer, request as sendRequest } from "node:http";
import type { IncomingMessage, RequestListener, Server } from "node:http";
import { connect } from "node:net";
import { text as readText } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { createBalancer } from "../../cluster/balancer.js";
import type { Backend } from "../../cluster/balancer.js";
import { findFreePort } from "../support/processes.js";

const open: Server[] = [];

afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  open.push(server);
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null)
    throw new Error("It listens nowhere.");
  return `http://127.0.0.1:${address.port}`;
}

interface TestBackend extends Backend {
  readonly received: IncomingMessage[];
  isSuspended(): boolean;
}

/** A server that keeps the requests it gets, and is ready until it is suspended. */
async function createBackend(
  name: string,
  listener: RequestListener = (_, response) => response.end(name),
): Promise<TestBackend> {
  const received: IncomingMessage[] = [];
  const origin = await listen((incoming, response) => {
    received.push(incoming);
    listener(incoming, response);
  });
  return { received, ...createReadiness(name, origin) };
}

/** A server that has gone: nobody listens there any more. */
async function createGoneBackend(name: string): Promise<TestBackend> {
  const origin = `http://127.0.0.1:${await findFreePort()}`;
  return { received: [], ...createReadiness(name, origin) };
}

function createReadiness(name: string, origin: string) {
  let isSuspended = false;
  return {
    readyAt: () => (isSuspended ? undefined : { name, origin }),
    suspend: () => {
      isSuspended = true;
    },
    isSuspended: () => isSuspended,
  };
}

const hangUp: RequestListener = (incoming) => {
  incoming.socket.destroy();
};

async function startBalancer(...backends: Backend[]): Promise<string> {
  return listen(createBalancer(backends).listener);
}

function post(url: string, init: RequestInit = {}): Promise<Response> {
  return fetch(url, { method: "POST", body: "the body", ...init });
}

describe("createBalancer", () => {
  it("hands requests to the servers in turn", async () => {
    const origin = await startBalancer(
      await createBackend("a"),
      await createBackend("b"),
    );

    const served: string[] = [];
    for (let index = 0; index < 4; index++)
      served.push(await (await fetch(origin)).text());

    expect(served).toEqual(["a", "b", "a", "b"]);
  });

  it("hands on method, address, headers and body, and the answer with each of its cookies", async () => {
    const backend = await createBackend("a", (incoming, response) => {
      response.setHeader("set-cookie", ["one=1", "two=2"]);
      response.statusCode = 201;
      incoming.pipe(response);
    });
    const origin = await startBalancer(backend);

    const response = await post(`${origin}/path?query=1`, {
      headers: { cookie: "session=1", "x-csrf": "1" },
    });

    expect(response.status).toBe(201);
    expect(response.headers.getSetCookie()).toEqual(["one=1", "two=2"]);
    expect(await response.text()).toBe("the body");
    expect(backend.received[0]).toMatchObject({
      method: "POST",
      url: "/path?query=1",
      headers: {
        cookie: "session=1",
        "x-csrf": "1",
        host: new URL(origin).host,
      },
    });
  });

  it("says where a request came from in place of what the client says", async () => {
    const backend = await createBackend("a");
    const origin = await startBalancer(backend);

    await fetch(origin, {
      headers: {
        "x-forwarded-for": "198.51.100.1",
        "x-forwarded-proto": "https",
        "x-forwarded-host": "elsewhere.test",
      },
    });

    expect(backend.received[0]?.headers).toMatchObject({
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
      "x-forwarded-host": new URL(origin).host,
    });
  });

  it("keeps to itself what is about one connection alone", async () => {
    const backend = await createBackend("a", (_, response) => {
      response.setHeader("connection", "x-hop");
      response.setHeader("x-hop", "1");
      response.end();
    });
    const { hostname, port } = new URL(await startBalancer(backend));
    const request = sendRequest({
      hostname,
      port,
      headers: { connection: "close, x-private", "x-private": "1", te: "gzip" },
    }).end();

    const [response]: IncomingMessage[] = await once(request, "response");

    expect(response?.headers).not.toHaveProperty("x-hop");
    expect(backend.received[0]?.headers).not.toHaveProperty("x-private");
    expect(backend.received[0]?.headers).not.toHaveProperty("te");
  });

  it("hands a request that nobody listened for to the next server, its body too, and suspends the first", async () => {
    const gone = await createGoneBackend("gone");
    const backend = await createBackend("a", (incoming, response) =>
      incoming.pipe(response),
    );

    const response = await post(await startBalancer(gone, backend));

    expect(await response.text()).toBe("the body");
    expect(gone.isSuspended()).toBe(true);
  });

  it("asks the next server what the first broke off, if it only reads", async () => {
    const broken = await createBackend("broken", hangUp);
    const backend = await createBackend("a");

    const response = await fetch(await startBalancer(broken, backend));

    expect(await response.text()).toBe("a");
    expect(broken.received).toHaveLength(1);
    expect(broken.isSuspended()).toBe(true);
  });

  it("never asks twice for what may have been done", async () => {
    const broken = await createBackend("broken", hangUp);
    const backend = await createBackend("a");

    const response = await post(await startBalancer(broken, backend));

    expect(response.status).toBe(502);
    expect(backend.received).toHaveLength(0);
  });

  it("answers 503 while no server is ready", async () => {
    const gone = await createGoneBackend("gone");

    const response = await fetch(await startBalancer(gone));

    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("1");
  });

  it.each([
    "*",
    "/a b",
    "/\u00ff",
    "//elsewhere.test/",
    "http://elsewhere.test/",
  ])(
    "sends %j on to its server as it was written, or answers 400, and lives",
    async (path) => {
      const backend = await createBackend("a");
      const { hostname, port } = new URL(await startBalancer(backend));
      const socket = connect(Number(port), hostname);
      socket.write(
        `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`,
        "latin1",
      );

      const answer = await readText(socket);

      expect(answer).toMatch(/^HTTP\/1\.1 (200|400) /);
      expect(backend.received.map(({ url }) => url)).toEqual(
        answer.includes(" 200 ") ? [path] : [],
      );
    },
  );

  it("breaks off where the server breaks off", async () => {
    const backend = await createBackend("a", (incoming, response) => {
      response.setHeader("content-length", "100");
      response.write("some of it", () => incoming.socket.destroy());
    });

    const response = await fetch(await startBalancer(backend));

    await expect(response.text()).rejects.toThrow();
  });

  it("lets go of the server when the client leaves", async () => {
    const arrivals = new EventEmitter();
    const arrived = once(arrivals, "arrival");
    const backend = await createBackend("a", () => arrivals.emit("arrival"));
    const leaving = new AbortController();
    const origin = await startBalancer(backend);
    const asking = fetch(origin, { signal: leaving.signal });
    await arrived;

    leaving.abort();
    await expect(asking).rejects.toThrow();

    const [request] = backend.received;
    if (request?.destroyed === false) await once(request.socket, "close");
    expect(request?.socket.destroyed).toBe(true);
    expect(backend.isSuspended()).toBe(false);
  });
});
