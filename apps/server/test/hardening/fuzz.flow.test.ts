// Malformed and unusual requests to the built server. The seed is fixed; `FUZZ_SEED` sets another one. A failure prints
// the request.
import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { builtInPeople, demoApp } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findFaults, findLogFaults } from "../support/fuzz/findings.js";
import { createFuzzRequests } from "../support/fuzz/requests.js";
import type { FuzzWorld } from "../support/fuzz/requests.js";
import { runFuzz } from "../support/fuzz/run.js";
import { fuzzSeed } from "../support/fuzz/seed.js";
import type { FuzzRequest } from "../support/fuzz/wire.js";
import { startSite } from "../support/site.js";
import type { Site } from "../support/site.js";
import type { Visitor } from "../support/visitor.js";

const { ada, ben } = builtInPeople;
const requestCount = 20_000;
const authSecret = Buffer.from("planted: what seals the stores!!").toString(
  "base64",
);

let site: Site;
let staying: Visitor;
let leaving: Visitor;

beforeAll(async () => {
  site = await startSite({ environment: { AUTH_SECRET: authSecret } });
  staying = site.createVisitor();
  leaving = site.createVisitor();
  await staying.signIn(ada.upn);
  await leaving.signIn(ben.upn);
});

afterAll(async () => {
  await site?.stop();
});

function formatCookies(visitor: Visitor): string {
  return [...visitor.cookies()].map((pair) => pair.join("=")).join("; ");
}

function readSecret(visitor: Visitor): string {
  const [, secret = ""] = (visitor.session() ?? "").split(".");
  return secret;
}

async function expectHealth(): Promise<void> {
  const health = await fetch(`${site.origin}/healthz`);
  expect(health.status).toBe(200);
  expect(site.server.ending()).toBeUndefined();
}

/** Opens a connection, sends this text, and then neither sends nor reads. */
async function openStalled(text: string): Promise<Socket> {
  const socket = connect({ port: site.server.port, host: "localhost" });
  socket.on("error", () => undefined);
  socket.pause();
  await once(socket, "connect");
  socket.write(text);
  return socket;
}

describe("[R24] the built server", () => {
  const stalled = [
    "",
    "G",
    "GET /trpc/auth.me HTTP/1.1\r\nhost: localhost\r\nx-csrf",
    "POST /trpc/auth.login HTTP/1.1\r\nhost: localhost\r\nx-csrf: 1\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{",
    "POST /trpc/auth.callback HTTP/1.1\r\nhost: localhost\r\nx-csrf: 1\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{",
    "POST /auth/back-channel-logout HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 9\r\n\r\nlogout",
    // The client never reads these responses.
    "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(2000),
  ];

  it(`responds to ${requestCount} malformed requests, keeps running, and keeps the session of a signed-in user`, async () => {
    const slow = await Promise.all(
      stalled.flatMap((text) => [text, text, text]).map(openStalled),
    );
    const world: FuzzWorld = {
      origin: site.origin,
      staying: formatCookies(staying),
      leaving: formatCookies(leaving),
    };

    const report = await runFuzz({
      port: site.server.port,
      requests: createFuzzRequests(fuzzSeed, world),
      count: requestCount,
      secrets: [
        authSecret,
        demoApp.clientSecret,
        readSecret(staying),
        readSecret(leaving),
      ],
    });

    process.stdout.write(
      `fuzz: seed ${fuzzSeed}, ${report.requests} requests: ${JSON.stringify(report.byStatus)}\n`,
    );
    expect(report.faults).toEqual([]);
    expect(report.requests).toBe(requestCount);
    expect((await staying.query("auth.me")).data?.user.preferredUsername).toBe(
      ada.upn,
    );
    for (const socket of slow) socket.destroy();
    expect((await site.createVisitor().signIn(ben.upn)).status).toBe(200);
    await expectHealth();
    // The output is complete after the exit.
    expect(await site.server.stop()).toBe(0);
    expect(findLogFaults(site.server.output())).toEqual([]);
  }, 300_000);
});

describe("createFuzzRequests", () => {
  const world: FuzzWorld = {
    origin: "http://localhost:1",
    staying: "session=who-stays",
    leaving: "session=who-leaves",
  };
  const take = (seed: number): readonly string[] => {
    const requests = createFuzzRequests(seed, world);
    return Array.from({ length: 500 }, () =>
      requests.next().value.bytes.toString("latin1"),
    );
  };

  it("generates the same requests for the same seed, and others for another seed", () => {
    expect(take(1)).toEqual(take(1));
    expect(take(1)).not.toEqual(take(2));
  });

  it("never signs out the visitor who must stay signed in", () => {
    const ending =
      /auth\.(logout|sessions\.revoke)|users\.disable|\/auth\/logout/;

    const texts = take(fuzzSeed);

    expect(texts.some((text) => ending.test(text))).toBe(true);
    expect(
      texts.filter((text) => ending.test(text) && text.includes(world.staying)),
    ).toEqual([]);
  });
});

describe("findFaults", () => {
  const request: FuzzRequest = {
    area: "trpc",
    method: "POST",
    target: "/trpc/auth.me",
    bytes: Buffer.alloc(0),
    isBroken: false,
    isCutShort: false,
  };
  const error = '{"error":{"data":{"authCode":"invalid_request"}}}';
  const json = [
    ["cache-control", "no-store"],
    ["content-type", "application/json"],
  ] as const;
  const find = (
    status: number,
    headers: Iterable<readonly [string, string]>,
    body: string,
  ) =>
    findFaults(request, { status, headers: new Map(headers), body }, [
      "planted",
    ]);

  it("[R24] finds nothing in a correct error response", () => {
    expect(find(400, json, error)).toEqual([]);
    expect(find(207, json, `[{"result":{"data":null}},${error}]`)).toEqual([]);
  });

  it.each([
    ["500", 500, json, error],
    ["503", 503, json, error],
    [
      "a response that can be cached",
      400,
      [["content-type", "application/json"]] as const,
      error,
    ],
    ["an error without authCode", 400, json, '{"error":{"data":{}}}'],
    [
      "one error of a batch without authCode",
      207,
      json,
      `[${error},{"error":{"data":{}}}]`,
    ],
    ["an error that is not JSON", 400, json, "Bad Request"],
    ["an error status without an error", 400, json, "{}"],
    [
      "a sign-in without a flow cookie",
      200,
      json,
      '{"result":{"data":{"authorizationUrl":"https://login.test"}}}',
    ],
    ["a response of Node's parser to a valid request", 400, [], ""],
    [
      "a stack trace",
      400,
      json,
      error.replace("}", ',"x":"    at f (/a/b.js:1:2)"}'),
    ],
    ["a secret in the body", 400, json, error.replace("invalid", "planted")],
    [
      "a secret in a header",
      400,
      [...json, ["location", "/planted"]] as const,
      error,
    ],
  ])("finds %s", (_, status, headers, body) => {
    expect(find(status, headers, body)).not.toEqual([]);
  });
});

describe("findLogFaults", () => {
  it("finds server errors and everything that is not a log line", () => {
    const quiet =
      '{"level":30,"msg":"flow.initiated"}\n{"level":40,"msg":"flow.failed"}\n';
    const loud = [
      '{"level":50,"msg":"flow.failed"}',
      '{"level":40,"msg":"request.failed"}',
      "(node:1) Warning: something leaks",
      "UnhandledPromiseRejection",
    ];

    expect(findLogFaults(quiet)).toEqual([]);
    expect(findLogFaults(`${quiet}${loud.join("\n")}\n`)).toEqual(loud);
  });
});
