import { connect } from "node:net";
import { request as sendRequest } from "node:http";
import { text as readText } from "node:stream/consumers";
import { builtInPeople } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countRows } from "../support/database-file.js";
import { startSite } from "../support/site.js";
import type { Site } from "../support/site.js";
import { cookieNamesOf } from "../support/visitor.js";
import type { Visitor } from "../support/visitor.js";

const { ada } = builtInPeople;

let site: Site;
let visitor: Visitor;

beforeAll(async () => {
  site = await startSite();
  visitor = site.createVisitor();
  await visitor.signIn(ada.upn);
});

afterAll(async () => {
  await site?.stop();
});

interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<
    Record<string, string | readonly string[] | undefined>
  >;
  readonly body: string;
}

interface RawRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Sends requests that `fetch` does not permit: any path, any method, and the header `Host`. */
async function send({
  method = "GET",
  path,
  headers = {},
  body,
}: RawRequest): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const outgoing = sendRequest(
      site.origin,
      { method, path, headers, agent: false },
      (incoming) => {
        readText(incoming).then(
          (text) =>
            resolve({
              status: incoming.statusCode ?? 0,
              headers: incoming.headers,
              body: text,
            }),
          reject,
        );
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** Sends bytes to the server's port and returns the response. */
async function sendBytes(bytes: string | Uint8Array): Promise<string> {
  const socket = connect(site.server.port, "localhost");
  socket.end(bytes);
  // The server may close the connection before it has read everything.
  return readText(socket).catch(() => "");
}

const json = { "content-type": "application/json" };
const own = { ...json, "x-csrf": "1" };

describe("a request from another site", () => {
  const refused: readonly (readonly [
    string,
    Readonly<Record<string, string>>,
  ])[] = [
    ["without x-csrf", json],
    ["with an empty x-csrf", { ...json, "x-csrf": "" }],
    ["with another x-csrf", { ...json, "x-csrf": "true" }],
    ["with two x-csrf", { ...json, "x-csrf": "1, 1" }],
    ["from another origin", { ...own, origin: "https://evil.test" }],
    ["from a sibling domain", { ...own, origin: "http://sub.localhost" }],
    ["from another port", { ...own, origin: "http://localhost:1" }],
    ["from an opaque origin", { ...own, origin: "null" }],
    ["from an empty origin", { ...own, origin: "" }],
    ["that is cross-site", { ...own, "sec-fetch-site": "cross-site" }],
    ["that is same-site", { ...own, "sec-fetch-site": "same-site" }],
    ["as a form", { "content-type": "application/x-www-form-urlencoded" }],
    ["as plain text", { "content-type": "text/plain" }],
    ["as multipart", { "content-type": "multipart/form-data; boundary=x" }],
    ["without a content type", {}],
  ];

  it.each(refused)(
    "[R1][R2][R3][R4][R5][R6][R7] is refused %s, whatever it requests",
    async (_, headers) => {
      const rows = countRows(site.server.databasePath);
      const cookie = `${visitor.names.session}=${visitor.session() ?? ""}`;
      const requests: readonly RawRequest[] = [
        { method: "POST", path: "/trpc/auth.logout", body: "{}" },
        { method: "POST", path: "/trpc/auth.login", body: "{}" },
        { method: "POST", path: "/trpc/auth.logout" },
        { method: "GET", path: "/trpc/auth.me" },
        {
          method: "POST",
          path: "/trpc/auth.logout,auth.login?batch=1",
          body: '{"0":{},"1":{}}',
        },
        { method: "GET", path: "/trpc/auth.me,auth.me?batch=1" },
        { method: "GET", path: "/trpc/workspace.greeting" },
        { method: "PUT", path: "/trpc/auth.logout", body: "{}" },
        { method: "DELETE", path: "/trpc/auth.logout" },
        { method: "GET", path: "/trpc/no.such" },
      ];
      for (const request of requests) {
        const response = await send({
          ...request,
          headers: { ...headers, cookie },
        });

        expect(response.status, `${request.method} ${request.path}`).toBe(403);
        expect(JSON.parse(response.body).error.data.authCode).toBe(
          "cross_site_request",
        );
        expect(response.headers["cache-control"]).toBe("no-store");
        expect(response.headers["set-cookie"]).toBeUndefined();
      }
      expect(countRows(site.server.databasePath)).toEqual(rows);
      expect((await visitor.query("auth.me")).data).not.toBeNull();
    },
  );

  it("[R8] gets no permission from a preflight", async () => {
    const response = await send({
      method: "OPTIONS",
      path: "/trpc/auth.logout",
      headers: {
        origin: "https://evil.test",
        "access-control-request-method": "POST",
        "access-control-request-headers": "x-csrf",
      },
    });

    expect(
      Object.keys(response.headers).filter((name) =>
        name.startsWith("access-control-"),
      ),
    ).toEqual([]);
  });
});

describe("a request from the app's page", () => {
  it.each([
    ["a form", "application/x-www-form-urlencoded"],
    ["plain text", "text/plain"],
    ["multipart", "multipart/form-data; boundary=x"],
  ])("[R7] is not parsed as %s", async (_, type) => {
    for (const name of ["auth.login", "auth.callback"] as const) {
      const response = await visitor.mutate(name, undefined, {
        method: "POST",
        headers: { "x-csrf": "1", "content-type": type },
        body: "--x--",
      });

      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(response.status).toBeLessThan(500);
      expect(response.error?.data.authCode).toBe("invalid_request");
    }
  });

  it("does not execute a mutation by GET", async () => {
    const response = await send({
      path: "/trpc/auth.logout",
      headers: {
        ...own,
        cookie: `${visitor.names.session}=${visitor.session()}`,
      },
    });

    expect(response.status).toBe(405);
    expect((await visitor.query("auth.me")).data).not.toBeNull();
  });

  it("may be a batch", async () => {
    const response = await send({
      path: "/trpc/auth.me,workspace.greeting?batch=1",
      headers: {
        ...own,
        cookie: `${visitor.names.session}=${visitor.session()}`,
      },
    });

    expect(response.status).toBe(200);
    expect(JSON.parse(response.body)).toHaveLength(2);
    expect(response.headers["cache-control"]).toBe("no-store");
  });

  it("[R15] does not determine URLs by Host", async () => {
    const response = await send({
      method: "POST",
      path: "/trpc/auth.login",
      headers: {
        ...own,
        host: "evil.test",
        "x-forwarded-host": "evil.test",
        forwarded: "host=evil.test",
      },
      body: "{}",
    });

    expect(response.status).toBe(200);
    expect(response.body).not.toContain("evil.test");
    expect(response.body).toContain(
      encodeURIComponent(`${site.origin}/auth/callback`),
    );
  });
});

describe("invalid input", () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const deepObject = `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`;
  const bodies: readonly (readonly [string, string | Uint8Array])[] = [
    ["no body", ""],
    ["a space", " "],
    ["half an object", '{"state":'],
    ["null", "null"],
    ["a number", "1"],
    ["a string", '"x"'],
    ["a list", "[]"],
    ["nested lists", deep],
    ["nested objects", deepObject],
    ["a deep member", `{"returnUrl":${"[".repeat(9999)}${"]".repeat(9999)}}`],
    ["bad UTF-8", new Uint8Array([0x22, 0xff, 0xfe, 0xc0, 0x22])],
    ["a lone surrogate", '{"returnUrl":"\\ud800","state":"\\udfff"}'],
    ["a NUL", '{"returnUrl":"\\u0000","state":"\\u0000"}'],
    ["__proto__", '{"__proto__":{"scopes":["x"],"state":"x"},"constructor":1}'],
    ["toString", '{"toString":"x","hasOwnProperty":"x","state":1}'],
    ["wrong types", '{"returnUrl":1,"scopes":"x","prompt":[],"claims":{}}'],
    ["a scope with spaces", '{"scopes":["a b"],"state":["a",1]}'],
    ["an unknown prompt", '{"prompt":"anything","state":{}}'],
    ["claims that are not JSON", '{"claims":"{","state":null}'],
    [
      "sixty parameters",
      JSON.stringify(
        Object.fromEntries(
          Array.from({ length: 60 }, (_, index) => [`p${index}`, "x"]),
        ),
      ),
    ],
    ["a long parameter", JSON.stringify({ state: "x".repeat(100_000) })],
    ["1 MB", JSON.stringify({ returnUrl: "x".repeat(1_048_576), state: "x" })],
  ];

  it.each(bodies)(
    "[R25] is refused with an authCode, never 5xx: %s",
    async (_, body) => {
      const paths = ["auth.login", "auth.callback", "auth.logout"];
      for (const path of [...paths, "auth.login,auth.callback?batch=1"]) {
        for (const chunked of [false, true]) {
          const response = await send({
            method: "POST",
            path: `/trpc/${path}`,
            headers: chunked
              ? { ...own, "transfer-encoding": "chunked" }
              : { ...own, "content-length": String(Buffer.byteLength(body)) },
            body,
          });

          expect(response.status, `${path} ${response.body}`).toBeLessThan(500);
          expect(response.headers["cache-control"]).toBe("no-store");
          const results: unknown = JSON.parse(response.body);
          for (const result of [results].flat()) {
            if (JSON.stringify(result).includes('"error"'))
              expect(result).toMatchObject({
                error: { data: { authCode: expect.any(String) } },
              });
          }
          expect(response.body).not.toMatch(
            /\bat .+:\d+:\d+|SyntaxError|node_modules/,
          );
        }
      }
      expect((await send({ path: "/healthz" })).status).toBe(200);
    },
  );

  it.each([
    ["POST", "/trpc/auth.callback"],
    ["POST", "/trpc/auth.login"],
  ])("[R25] of 1 MB is refused by %s %s", async (method, path) => {
    const body = JSON.stringify({ state: "x".repeat(1_048_576) });
    const response = await send({
      method,
      path,
      headers: { ...own, "content-length": String(body.length) },
      body,
    });

    expect(response.status).toBe(413);
    expect(response.headers["x-content-type-options"]).toBe("nosniff");
    expect(JSON.parse(response.body).error.data.authCode).toBe(
      "invalid_request",
    );
  });

  it("[R24] causes no 5xx, whatever the method and path", async () => {
    const methods = [
      "GET",
      "HEAD",
      "POST",
      "PUT",
      "PATCH",
      "DELETE",
      "OPTIONS",
      "TRACE",
      "PROPFIND",
    ];
    const paths = [
      "/",
      "//",
      "///evil.test",
      "//evil.test/trpc/auth.me",
      "/%",
      "/%ff",
      "/%00",
      "/%2e%2e/%2e%2e/etc/passwd",
      "/../../etc/passwd",
      "/..%2f..%2fmain.js",
      "/..%5cmain.js",
      "/assets/../../main.js",
      "/assets/%2e%2e/%2e%2e/main.js",
      "/main.js",
      "/.env",
      "/?%ff=%",
      `/${"a".repeat(8000)}`,
      "/trpc",
      "/trpc/",
      "/trpc//",
      "/trpc/%",
      "/trpc/%ff",
      "/trpc/auth.me?input=%",
      "/trpc/auth.me?input=%7B",
      "/trpc/auth.me?input=null",
      "/trpc/auth.me?batch=1&input=[]",
      "/trpc/auth.me,auth.me?batch=1&input=1",
      "/trpc/,,,?batch=1",
      `/trpc/${Array.from({ length: 500 }, () => "auth.me").join(",")}?batch=1`,
      "/trpc/auth.login",
      "/trpc/auth",
      "/trpc/auth.me.then",
      "/trpc/__proto__",
      "/trpc/constructor.constructor",
      "/trpc/auth.__proto__.me",
      "/trpc/auth.no",
      "/trpc/auth.me/",
      "/trpc/../trpc/auth.me",
      "/auth",
      "/auth/",
      "/auth/callback",
      "/auth/callback?code=a&state=b",
      "/auth/login",
      "/auth/logout",
      "/auth/front-channel-logout",
      "/auth/front-channel-logout?sid=a&sid=b",
      "/auth/front-channel-logout?sid=%ff",
      "/auth/back-channel-logout",
      "/auth/__proto__",
      "/healthz",
      "/readyz",
      "http://evil.test/trpc/auth.me",
      "http://evil.test:99999/trpc/auth.me",
      "*",
    ];
    for (const method of methods) {
      for (const path of paths) {
        const response = await send({ method, path, headers: own });

        expect(
          response.status,
          `${method} ${path} ${response.body}`,
        ).toBeLessThan(500);
        expect(response.body, `${method} ${path}`).not.toMatch(
          /root:x|createRequire|node_modules/,
        );
      }
    }
  });

  it("[R24] causes no 5xx in headers", async () => {
    const { session, flowPrefix } = cookieNamesOf(site.origin);
    const headers: readonly Readonly<Record<string, string>>[] = [
      {
        cookie: `=; ;;=;${session};${flowPrefix}=x; ${session}==; __proto__=x`,
      },
      { cookie: `${session}=${"x".repeat(8000)}` },
      { cookie: `${session}=%ff%00; \u00ff=\u00fe` },
      {
        cookie: Array.from(
          { length: 100 },
          (_, index) => `${flowPrefix}${index}=x`,
        ).join("; "),
      },
      { "x-forwarded-for": ",,,::::,999.1.1.1,<script>" },
      { "content-type": "application/json; charset=\u00ff" },
      { "content-type": "application/json, text/plain" },
      { "accept-encoding": "br;q=x, *" },
      { range: "bytes=-1" },
      { "if-modified-since": "never" },
      { host: "%" },
      { host: "a b" },
      { host: "" },
      { host: "evil.test:abc" },
      { origin: "%" },
      { "user-agent": "\u00ff".repeat(4000) },
      { "trpc-accept": "application/jsonl" },
      { connection: "upgrade", upgrade: "websocket" },
      { expect: "something" },
    ];
    for (const header of headers) {
      for (const path of [
        "/trpc/auth.me",
        "/",
        "/auth/callback",
        "/assets/x.js",
        "/healthz",
      ]) {
        const response = await send({
          path,
          headers: { "x-csrf": "1", ...header },
        });

        expect(
          response.status,
          `${path} ${JSON.stringify(header)} ${response.body}`,
        ).toBeLessThan(500);
      }
      const started = await send({
        method: "POST",
        path: "/trpc/auth.login",
        headers: { ...own, ...header },
        body: "{}",
      });
      expect(started.status, JSON.stringify(header)).toBeLessThan(500);
    }
  });

  it("[R24] that is not HTTP causes no 5xx and does not stop the server", async () => {
    const inputs = [
      "\0\0\0\0\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/9.9\r\nHost: x\r\n\r\n",
      "GET /\u00ff HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
      "POST /trpc/auth.login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST /trpc/auth.login HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
      "POST /trpc/auth.login HTTP/1.1\r\nHost: localhost\r\nx-csrf: 1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
      `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(70_000)}\r\n\r\n`,
    ];
    for (const input of inputs) {
      const response = await sendBytes(Buffer.from(input, "latin1"));

      expect(response, input.slice(0, 80)).not.toMatch(/^HTTP\/1\.1 5/);
    }
    expect((await send({ path: "/healthz" })).status).toBe(200);
  });
});

describe("the pages", () => {
  it("[R20] allow no inline script, no frame, no sniffing and no Referer", async () => {
    for (const path of [
      "/",
      "/index.html",
      "/workspace",
      "/auth/callback?code=a&state=b",
    ]) {
      const response = await send({ path });
      const policy = String(response.headers["content-security-policy"]);

      expect(response.status, path).toBe(200);
      expect(response.headers["content-type"]).toMatch(/^text\/html/);
      expect(policy).not.toMatch(/unsafe-inline|unsafe-eval|\*/);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("base-uri 'none'");
      expect(policy).toContain("form-action 'self'");
      expect(response.headers).toMatchObject({
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
        "x-frame-options": "DENY",
      });
      expect(response.headers["strict-transport-security"]).toBeUndefined();
      expect(response.headers["x-powered-by"]).toBeUndefined();
    }
  });

  it("[R20] have a new nonce in each response, in the header and in the page", async () => {
    const responses = [await send({ path: "/" }), await send({ path: "/" })];
    const nonces = responses.map(
      ({ headers }) =>
        /'nonce-([^']+)'/.exec(String(headers["content-security-policy"]))?.[1],
    );

    expect(new Set(nonces).size).toBe(2);
    for (const [index, { body }] of responses.entries()) {
      expect(body).toContain(nonces[index]);
      expect(body).not.toContain("__CSP_NONCE__");
    }
  });

  it("name APP_URL, whatever the Host header is", async () => {
    const response = await send({
      path: "/account",
      headers: { host: `127.0.0.1:${site.server.port}` },
    });

    expect(response.status).toBe(200);
    expect(response.body).toContain(
      `<meta name="app-url" content="${site.origin}" />`,
    );
  });

  it("have no inline scripts or event handlers", async () => {
    const { body } = await send({ path: "/" });

    expect(body).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>/);
    expect(body).not.toMatch(/\son\w+=/);
  });

  it("[F27] redeem no code at the redirect URI, and do not contain the query", async () => {
    const fresh = site.createVisitor();
    const query = await fresh.reachCallback(ada.upn);
    const { flow, session } = countRows(site.server.databasePath);

    const page = await fresh.browser.fetch(
      `${site.origin}/auth/callback?${new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))}`,
    );

    const body = await page.text();
    expect(page.status).toBe(200);
    expect(page.headers.getSetCookie()).toEqual([]);
    expect(body).not.toContain(String(query["code"]));
    expect(body).not.toContain(String(query["state"]));
    expect(countRows(site.server.databasePath)).toMatchObject({
      flow,
      session,
    });
    expect((await fresh.mutate("auth.callback", query)).status).toBe(200);
  });

  it("are served by GET only at the redirect URI", async () => {
    const response = await send({
      method: "POST",
      path: "/auth/callback",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "code=a&state=b",
    });

    expect(response.status).toBe(404);
  });

  it("have immutable assets, and missing assets are 404", async () => {
    const { body } = await send({ path: "/" });
    const [, script = ""] = /src="(\/assets\/[^"]+\.js)"/.exec(body) ?? [];

    const asset = await send({ path: script });
    const missing = await send({ path: "/assets/missing.js" });
    const source = await send({ path: `${script}.map` });

    expect(asset.status).toBe(200);
    expect(asset.headers["content-type"]).toMatch(/javascript/);
    expect(asset.headers["cache-control"]).toContain("immutable");
    expect(asset.headers["x-content-type-options"]).toBe("nosniff");
    expect([missing.status, source.status]).toEqual([404, 404]);
    expect(missing.headers["cache-control"]).toBe("no-store");
  });
});

describe("responses of the API", () => {
  it("[K6] are not stored by caches", async () => {
    const calls = [
      await visitor.query("auth.me"),
      await visitor.query("workspace.greeting"),
      await visitor.mutate("auth.login", {}),
      await visitor.mutate("auth.login", { scopes: 1 }),
      await visitor.mutate("auth.callback", {}),
      await site.createVisitor().mutate("auth.logout"),
    ];

    for (const { headers } of calls) {
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("etag")).toBeNull();
    }
  });
});

function listCalls(name: string, calls: number, separator = ","): string {
  return Array.from({ length: calls }, () => name).join(separator);
}

describe("a batch", () => {
  it.each<[string, string, string]>([
    ["GET", listCalls("x", 7750), "?batch=1"],
    ["GET", listCalls("auth.me", 21), "?batch=1"],
    ["GET", listCalls("auth.me", 21, "%2C"), "?batch=1"],
    ["GET", listCalls("auth.me", 21), ""],
    ["POST", listCalls("auth.callback", 1100), "?batch=1"],
    ["POST", listCalls("auth.login", 21, "%2c"), "?batch=1"],
  ])(
    "of more than 20 calls is refused with 400, in under 2 KB: %s",
    async (method, calls, query) => {
      const before = site.server.output().length;

      const response = await send({
        method,
        path: `/trpc/${calls}${query}`,
        headers: own,
        ...(method === "POST" ? { body: "{}" } : {}),
      });

      expect(response.status).toBe(400);
      expect(response.body.length).toBeLessThan(2000);
      expect(JSON.parse(response.body).error.data).toMatchObject({
        authCode: "invalid_request",
      });
      expect(response.headers["cache-control"]).toBe("no-store");
      expect(response.headers["set-cookie"]).toBeUndefined();
      expect(site.server.output().length - before).toBeLessThan(2000);
    },
  );

  it("of 20 calls has a result for each call", async () => {
    const response = await send({
      path: `/trpc/${listCalls("auth.me", 20)}?batch=1`,
      headers: own,
    });

    expect(response.status).toBe(200);
    expect(JSON.parse(response.body)).toHaveLength(20);
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ["from another site", json],
    ["from the app's page", own],
  ])(
    "with a long path repeats it neither in the response nor in the log: %s",
    async (_, headers) => {
      const before = site.server.output().length;

      const response = await send({
        path: `/trpc/${"x".repeat(8000)}`,
        headers,
      });

      const { path } = JSON.parse(response.body).error.data;
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(path.length).toBeLessThanOrEqual(100);
      expect(site.server.output().length - before).toBeLessThan(2000);
    },
  );
});

describe("a response below /trpc", () => {
  it.each<[string, RawRequest]>([
    ["an unknown content type", { method: "POST", path: "/trpc/auth.login" }],
    ["an unsupported method", { method: "PUT", path: "/trpc/auth.me" }],
    ["OPTIONS", { method: "OPTIONS", path: "/trpc/auth.login" }],
    ["HEAD", { method: "HEAD", path: "/trpc/auth.me" }],
    [
      "a batch of queries and mutations",
      { path: "/trpc/auth.login,auth.me?batch=1" },
    ],
    ["an unknown procedure", { path: "/trpc/auth.unknown" }],
  ])("[K6] is not cached, and is JSON or empty: %s", async (_, request) => {
    const { headers, body } = await send({
      ...request,
      headers: { "x-csrf": "1", "content-type": "text/csv" },
    });

    expect(headers["cache-control"]).toBe("no-store");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    if (body !== "") expect(headers["content-type"]).toBe("application/json");
  });

  it("does not quote an invalid request body", async () => {
    const response = await send({
      method: "POST",
      path: "/trpc/auth.callback",
      headers: { "x-csrf": "1", "content-type": "application/json" },
      body: "code=planted&state=S",
    });

    expect(response.status).toBe(400);
    expect(response.body).not.toContain("plant");
  });

  it("[R4] confirms a sign-out by a POST without body and content type", async () => {
    const leaving = site.createVisitor();
    await leaving.signIn(ada.upn);
    const cookie = [...leaving.cookies()]
      .map((pair) => pair.join("="))
      .join("; ");

    const response = await send({
      method: "POST",
      path: "/trpc/auth.logout",
      headers: { "x-csrf": "1", cookie },
    });

    expect(response.status).toBe(200);
    expect((await leaving.query("auth.me")).data).toBeNull();
  });
});

describe("health checks", () => {
  it("succeed while the process runs and the database is available", async () => {
    expect(await send({ path: "/healthz" })).toMatchObject({ status: 200 });
    expect(await send({ path: "/healthz?probe=1" })).toMatchObject({
      status: 200,
      body: "ok",
    });
    expect(await send({ path: "/readyz" })).toMatchObject({ status: 200 });
    expect(
      (await send({ path: "/healthz" })).headers["set-cookie"],
    ).toBeUndefined();
  });
});

describe("a connection", () => {
  it("is kept open longer than proxies keep idle connections", async () => {
    const headers = { connection: "keep-alive" };

    const response = await send({ path: "/healthz", headers });

    expect(response.headers["keep-alive"]).toBe("timeout=185");
  });
});
