import { once } from "node:events";
import { createServer } from "node:http";
import type { Server, ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startRecordingProxy } from "../../../test/support/recording-proxy.js";
import type { RecordingProxy } from "../../../test/support/recording-proxy.js";
import { createIdentityProvider } from "./create-identity-provider.js";
import { createProviderSender, readProxySettings } from "./provider-request.js";
import type { ProviderRequest, SendToProvider } from "./provider-request.js";

const credentials = "operator:p@ss:word";
const encodedCredentials = "operator:p%40ss%3Aword";

let provider: Server;
let proxy: RecordingProxy;
let endlessResponseClosed: Promise<unknown>;
let paths: string[];
let encodings: unknown[];
let connections: number;

beforeEach(async () => {
  [paths, encodings, connections] = [[], [], 0];
  provider = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const { method, url = "", headers } = request;
    paths.push(url);
    encodings.push(headers["accept-encoding"]);
    response.setHeader("x-answer", "yes");
    if (url === "/empty") return response.writeHead(204).end();
    if (url === "/refused") return response.writeHead(400).end("refused");
    if (url === "/endless") return sendWithoutEnd(response);
    if (url.startsWith("/stalled")) return stall(url, response);
    const [, status] = /^\/redirect-(\d+)$/.exec(url) ?? [];
    if (status !== undefined)
      return response
        .writeHead(Number(status), { location: `${originOf(provider)}/other` })
        .end("elsewhere");
    return response.end(
      JSON.stringify({ method, url, type: headers["content-type"], body }),
    );
  });
  provider.on("connection", () => (connections += 1));
  provider.listen(0, "127.0.0.1");
  await once(provider, "listening");
  proxy = await startRecordingProxy({ forwardTo: portOf(provider) });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await proxy.close();
  provider.close();
  provider.closeAllConnections();
});

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

function originOf(server: Server): string {
  return `http://127.0.0.1:${portOf(server)}`;
}

/** Never ends the response, and in one of two cases does not even begin it. */
function stall(url: string, response: ServerResponse): void {
  if (url.endsWith("after")) response.write("begun");
  // Later, so that the client has read what was written.
  setImmediate(() => provider.emit("stalled"));
}

function sendWithoutEnd(response: ServerResponse): void {
  endlessResponseClosed = once(response, "close");
  const chunk = Buffer.alloc(64 * 1024, "x");
  const fill = (): void => {
    while (response.write(chunk));
  };
  response.on("drain", fill);
  fill();
}

function proxyUrl(userInfo = ""): string {
  return `http://${userInfo}127.0.0.1:${proxy.port}`;
}

/** Sends a request as the environment with these variables would. */
function sendFrom(
  environment: Readonly<Record<string, string>>,
): SendToProvider {
  return createProviderSender({ proxies: readProxySettings(environment) });
}

function createRequest(
  changes: Partial<ProviderRequest> = {},
): ProviderRequest {
  return {
    method: "GET",
    headers: {},
    maximumBytes: 1024,
    signal: new AbortController().signal,
    ...changes,
  };
}

const form = {
  method: "POST",
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: "grant_type=authorization_code",
} as const;

// The same rules hold without a proxy, behind a proxy, and for an app's own `fetch`.
describe.each([
  ["directly", () => [createProviderSender({}), originOf(provider)] as const],
  [
    "through a proxy",
    () =>
      [
        sendFrom({ HTTP_PROXY: proxyUrl() }),
        "http://login.example.test",
      ] as const,
  ],
  [
    "by the app's fetch",
    () => [createProviderSender({ fetch }), originOf(provider)] as const,
  ],
])("createProviderSender, %s,", (_, prepare) => {
  it("sends a form, and returns status, headers and body", async () => {
    const [send, origin] = prepare();

    const response = await send(`${origin}/token`, createRequest(form));

    expect(response.status).toBe(200);
    expect(response.headers["x-answer"]).toBe("yes");
    expect(JSON.parse(response.text ?? "")).toEqual({
      method: "POST",
      url: "/token",
      type: "application/x-www-form-urlencoded",
      body: "grant_type=authorization_code",
    });
  });

  it("returns an error response like any other", async () => {
    const [send, origin] = prepare();

    const response = await send(`${origin}/refused`, createRequest(form));

    expect(response).toMatchObject({ status: 400, text: "refused" });
  });

  it("returns an empty text for a response without a body", async () => {
    const [send, origin] = prepare();

    const response = await send(`${origin}/empty`, createRequest());

    expect(response).toMatchObject({ status: 204, text: "" });
  });

  it("returns no text for a body that is too long, and closes its connection", async () => {
    const [send, origin] = prepare();

    const response = await send(`${origin}/endless`, createRequest());

    expect(response).toMatchObject({ status: 200, text: undefined });
    await expect(endlessResponseClosed).resolves.toBeDefined();
  });

  it.each([301, 302, 303, 307, 308])(
    "follows no redirect with status %i, and throws a TypeError",
    async (status) => {
      const [send, origin] = prepare();

      const sending = send(`${origin}/redirect-${status}`, createRequest(form));

      await expect(sending).rejects.toThrow(TypeError);
      expect(paths).toEqual([`/redirect-${status}`]);
    },
  );

  it.each(["before", "after"])(
    "rejects with the signal's reason if it is aborted %s the response has begun",
    async (moment) => {
      const [send, origin] = prepare();
      const controller = new AbortController();
      const reason = new DOMException("4 seconds", "TimeoutError");
      provider.once("stalled", () => controller.abort(reason));

      const sending = send(
        `${origin}/stalled-${moment}`,
        createRequest({ signal: controller.signal }),
      );

      await expect(sending).rejects.toBe(reason);
    },
  );

  it("sends nothing if the signal is already aborted", async () => {
    const [send, origin] = prepare();
    const signal = AbortSignal.abort();

    const sending = send(`${origin}/token`, createRequest({ signal }));

    await expect(sending).rejects.toMatchObject({ name: "AbortError" });
    expect(paths).toEqual([]);
  });
});

describe("createProviderSender", () => {
  it("keeps its connection for later requests, also of another sender", async () => {
    const url = `${originOf(provider)}/token`;

    for (let count = 0; count < 3; count += 1) {
      await createProviderSender({})(url, createRequest(form));
      // A connection is free again after the round of the event loop in which its response ended.
      await new Promise((resolve) => setImmediate(resolve));
    }

    expect(connections).toBe(1);
  });

  it("asks for a response without content encoding", async () => {
    await createProviderSender({})(originOf(provider), createRequest());

    expect(encodings).toEqual(["identity"]);
  });

  it("passes to the app's fetch what fetch takes", async () => {
    const requests: unknown[] = [];
    const send = createProviderSender({
      fetch: async (...request) => {
        requests.push(request);
        return new Response("{}");
      },
    });
    const request = createRequest(form);

    await send("https://login.test/token", request);

    expect(requests).toEqual([
      [
        "https://login.test/token",
        { ...form, redirect: "error", signal: request.signal },
      ],
    ]);
  });

  it("uses the app's fetch even if there are proxies", async () => {
    const send = createProviderSender({
      fetch: async () => new Response("own"),
      proxies: readProxySettings({ HTTP_PROXY: proxyUrl() }),
    });

    const { text } = await send("http://login.example.test/", createRequest());

    expect(text).toBe("own");
    expect(proxy.targets).toEqual([]);
  });

  it.each(["HTTP_PROXY", "http_proxy"])(
    "sends requests through the proxy of %s",
    async (name) => {
      const send = sendFrom({ [name]: proxyUrl() });

      await send("http://login.example.test/token", createRequest(form));

      expect(proxy.targets).toEqual(["login.example.test:80"]);
      expect(paths).toEqual(["/token"]);
    },
  );

  // An empty value stands for the URL of the proxy, whose port is unknown until the test runs.
  it.each([
    { HTTPS_PROXY: "" },
    { https_proxy: "" },
    { HTTP_PROXY: "", NO_PROXY: "other.example.test" },
  ])("opens a tunnel through the proxy to an https host: %j", async (names) => {
    const environment = Object.fromEntries(
      Object.entries(names).map(([name, value]) => [
        name,
        value === "" ? proxyUrl() : value,
      ]),
    );

    const sending = sendFrom(environment)(
      "https://login.example.test/",
      createRequest(),
    );

    // The server behind the tunnel does not use TLS.
    await expect(sending).rejects.toThrow();
    expect(proxy.targets).toEqual(["login.example.test:443"]);
  });

  it.each(["localhost", "127.0.0.1", "127.9.9.9", "app.localhost", "[::1]"])(
    "[T40] never sends a request for %s through a proxy, for any NO_PROXY",
    async (host) => {
      const send = sendFrom({
        HTTP_PROXY: proxyUrl(),
        HTTPS_PROXY: proxyUrl(),
        NO_PROXY: "example.test",
      });

      // Some of these hosts are unreachable. Only the proxy's requests matter.
      await send(`http://${host}:${portOf(provider)}/`, createRequest()).catch(
        () => undefined,
      );

      expect(proxy.targets).toEqual([]);
    },
  );

  it.each([
    ["login.example.test", []],
    ["other.test, .example.test", []],
    ["*", []],
    ["login.example.test:8443", ["login.example.test:80"]],
    ["example.com", ["login.example.test:80"]],
  ])("uses no proxy for the hosts in NO_PROXY=%s", async (noProxy, targets) => {
    const send = sendFrom({ HTTP_PROXY: proxyUrl(), no_proxy: noProxy });

    await send("http://login.example.test/", createRequest()).catch(
      () => undefined,
    );

    expect(proxy.targets).toEqual(targets);
  });

  it("sends the credentials of the proxy's URL, percent-decoded", async () => {
    await proxy.close();
    proxy = await startRecordingProxy({
      forwardTo: portOf(provider),
      credentials,
    });
    const url = "http://login.example.test/";

    const refused = sendFrom({ HTTP_PROXY: proxyUrl() })(url, createRequest());
    await expect(refused).rejects.toMatchObject({ code: "PROXY_RESPONSE_407" });
    const response = await sendFrom({
      HTTP_PROXY: proxyUrl(`${encodedCredentials}@`),
    })(url, createRequest());

    expect(response.status).toBe(200);
  });

  it("reads the proxies of the environment at the first request that may use one", async () => {
    vi.resetModules();
    const module = await import("./provider-request.js");
    const send = module.createProviderSender({});
    vi.stubEnv("HTTP_PROXY", "not a URL");

    const local = await send(`${originOf(provider)}/empty`, createRequest());
    const remote = send("http://login.example.test/", createRequest());

    expect(local.status).toBe(204);
    await expect(remote).rejects.toThrow(/^HTTP_PROXY must be the URL/);
  });

  it("is what an identity provider uses unless the app gives its own fetch", async () => {
    const authority = "https://login.example.test";
    const proxies = readProxySettings({ HTTPS_PROXY: proxyUrl() });
    const provider = createIdentityProvider({
      authority,
      tenant: "common",
      clientId: "client",
      proxies,
    });
    const other = createIdentityProvider({
      authority,
      tenant: "common",
      clientId: "client",
      proxies,
      fetch: () => Promise.reject(new TypeError("Not now.")),
    });

    await expect(other.readMetadata()).rejects.toMatchObject({
      code: "identity_provider_unavailable",
    });
    expect(proxy.targets).toEqual([]);
    await expect(provider.readMetadata()).rejects.toMatchObject({
      code: "identity_provider_unavailable",
    });
    expect(proxy.targets).toEqual(["login.example.test:443"]);
  });
});

describe("readProxySettings", () => {
  it("reads the variables in upper and lower case, and prefers lower case", () => {
    expect(
      readProxySettings({
        HTTPS_PROXY: "http://upper.test",
        https_proxy: " http://lower.test ",
        HTTP_PROXY: "https://upper.test:8080",
        NO_PROXY: "upper.test",
        no_proxy: " ",
      }),
    ).toEqual({
      httpsProxy: "http://lower.test",
      httpProxy: "https://upper.test:8080",
      noProxy: "upper.test",
    });
    expect(readProxySettings({ http_proxy: "" })).toEqual({
      httpsProxy: undefined,
      httpProxy: undefined,
      noProxy: undefined,
    });
  });

  it.each([
    "proxy.example.test",
    "proxy.example.test:3128",
    "//proxy.example.test",
    "socks5://proxy.example.test",
    "http://",
    "http://user:distinctive@proxy:port",
    "http://user:distinctive%zz@proxy.example.test",
  ])("throws for %s, naming the variable but not its value", (url) => {
    for (const name of ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY"]) {
      expect(() => readProxySettings({ [name]: url })).toThrow(
        new RegExp(`^${name} must be the URL of an HTTP proxy`),
      );
      expect(() => readProxySettings({ [name]: url })).not.toThrow(
        /distinctive/,
      );
    }
  });
});
