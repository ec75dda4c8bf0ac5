import { once } from "node:events";
import { createServer } from "node:http";
import type { Server, ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startRecordingProxy } from "../../../test/support/recording-proxy.js";
import type { RecordingProxy } from "../../../test/support/recording-proxy.js";
import { createIdentityProvider } from "./create-identity-provider.js";
import { createProviderFetch, readProxySettings } from "./provider-fetch.js";

const credentials = "operator:p@ss:word";
const encodedCredentials = "operator:p%40ss%3Aword";

let provider: Server;
let proxy: RecordingProxy;
let endlessResponseClosed: Promise<unknown>;

beforeEach(async () => {
  provider = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const { method, url, headers } = request;
    response.setHeader("x-answer", "yes");
    if (url === "/empty") return response.writeHead(204).end();
    if (url === "/endless") return sendWithoutEnd(response);
    return response.end(
      JSON.stringify({ method, url, type: headers["content-type"], body }),
    );
  }).listen(0, "127.0.0.1");
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

describe("createProviderFetch", () => {
  it.each(["HTTP_PROXY", "http_proxy"])(
    "sends requests through the proxy of %s",
    async (name) => {
      const send = createProviderFetch({ [name]: proxyUrl() });

      const response = await send("http://login.example.test/token", {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: "grant_type=authorization_code",
      });

      await expect(response.json()).resolves.toEqual({
        method: "POST",
        url: "/token",
        type: "application/x-www-form-urlencoded",
        body: "grant_type=authorization_code",
      });
      expect(response).toBeInstanceOf(Response);
      expect(response.headers.get("x-answer")).toBe("yes");
      expect(proxy.targets).toEqual(["login.example.test:80"]);
    },
  );

  it("returns a response without a body unchanged", async () => {
    const send = createProviderFetch({ HTTP_PROXY: proxyUrl() });

    const response = await send("http://login.example.test/empty");

    expect(response.status).toBe(204);
    expect(response.body).toBeNull();
  });

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
    const send = createProviderFetch(environment);

    // The server behind the tunnel does not use TLS.
    await expect(send("https://login.example.test/")).rejects.toThrow(
      TypeError,
    );
    expect(proxy.targets).toEqual(["login.example.test:443"]);
  });

  it.each(["localhost", "127.0.0.1", "127.9.9.9", "app.localhost", "[::1]"])(
    "[T40] never sends a request for %s through a proxy, for any NO_PROXY",
    async (host) => {
      const send = createProviderFetch({
        HTTP_PROXY: proxyUrl(),
        HTTPS_PROXY: proxyUrl(),
        NO_PROXY: "example.test",
      });

      // Some of these hosts are unreachable. Only the proxy's requests matter.
      await send(`http://${host}:${portOf(provider)}/`).catch(() => undefined);

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
    const send = createProviderFetch({
      HTTP_PROXY: proxyUrl(),
      no_proxy: noProxy,
    });

    await send("http://login.example.test/").catch(() => undefined);

    expect(proxy.targets).toEqual(targets);
  });

  it("reads a body only on demand", async () => {
    const send = createProviderFetch({ HTTP_PROXY: proxyUrl() });
    const response = await send("http://login.example.test/endless");
    const reader = response.body?.getReader();

    const first = await reader?.read();
    await reader?.cancel();

    expect(first?.value?.length).toBeGreaterThan(0);
    await expect(endlessResponseClosed).resolves.toBeDefined();
  });

  it("sends the credentials of the proxy's URL, percent-decoded", async () => {
    await proxy.close();
    proxy = await startRecordingProxy({
      forwardTo: portOf(provider),
      credentials,
    });
    const url = "http://login.example.test/";

    const refused = createProviderFetch({ HTTP_PROXY: proxyUrl() })(url);
    await expect(refused).rejects.toMatchObject({ code: "PROXY_RESPONSE_407" });
    const response = await createProviderFetch({
      HTTP_PROXY: proxyUrl(`${encodedCredentials}@`),
    })(url);

    expect(response.status).toBe(200);
  });

  it("aborts a request when its signal is aborted", async () => {
    const send = createProviderFetch({ HTTP_PROXY: proxyUrl() });
    const signal = AbortSignal.abort();

    await expect(
      send("http://login.example.test/", { signal }),
    ).rejects.toMatchObject({ name: "AbortError" });
  });

  it("follows no redirect if the request forbids it", async () => {
    provider.removeAllListeners("request");
    provider.on("request", (_, response) =>
      response.writeHead(302, { location: "http://other.test/" }).end(),
    );
    const send = createProviderFetch({ HTTP_PROXY: proxyUrl() });

    await expect(
      send("http://login.example.test/", { redirect: "error" }),
    ).rejects.toThrow(TypeError);
    expect(proxy.targets).toEqual(["login.example.test:80"]);
  });

  it("is the default fetch of an identity provider", async () => {
    vi.stubEnv("HTTPS_PROXY", proxyUrl());
    const authority = "https://login.example.test";
    const provider = createIdentityProvider({
      authority,
      tenant: "common",
      clientId: "client",
    });
    const other = createIdentityProvider({
      authority,
      tenant: "common",
      clientId: "client",
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
