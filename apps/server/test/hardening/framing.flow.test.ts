import { appRouter } from "@entrada/api";
import { builtInPeople } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withDatabase } from "../support/database-file.js";
import { startSite } from "../support/site.js";
import type { Site } from "../support/site.js";
import type { Visitor } from "../support/visitor.js";

const { ada } = builtInPeople;
const { _def: routerDefinition } = appRouter;
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const frontChannel = "/auth/front-channel-logout";

/** The response to one request. */
interface Probe {
  readonly request: string;
  readonly status: number;
  readonly frameAncestors: string | undefined;
}

let site: Site;
let visitor: Visitor;
let probes: readonly Probe[];

beforeAll(async () => {
  site = await startSite();
  visitor = site.createVisitor();
  await visitor.signIn(ada.upn);
  const found: Probe[] = [];
  for (const path of listPaths())
    found.push(
      ...(await Promise.all(methods.map((method) => probe(method, path)))),
    );
  probes = found;
});

afterAll(async () => {
  await site?.stop();
});

/** Returns addresses of every kind of route. */
function listPaths(): readonly string[] {
  return [
    "/",
    "/index.html",
    "/workspace",
    "/account",
    "/nothing",
    "/assets/nothing.js",
    "/healthz",
    "/healthz?probe=1",
    "/readyz",
    "/auth/",
    "/auth/callback?code=a&state=b",
    "/auth/login",
    "/auth/logout",
    "/auth/back-channel-logout",
    frontChannel,
    `${frontChannel}?sid=`,
    `${frontChannel}?sid=a&sid=b`,
    `${frontChannel}?sid=a&iss=https://evil.test`,
    `/${frontChannel}?sid=a`,
    "/trpc",
    "/trpc/no.such",
    ...Object.keys(routerDefinition.procedures).map((name) => `/trpc/${name}`),
  ];
}

async function probe(method: string, path: string): Promise<Probe> {
  const { status, headers } = await send(method, path);
  const policy = headers.get("content-security-policy") ?? "";
  return {
    request: `${method} ${path}`,
    status,
    frameAncestors: /frame-ancestors ([^;]+)/.exec(policy)?.[1],
  };
}

function send(method: string, path: string): Promise<Response> {
  return fetch(`${site.origin}${path}`, {
    method,
    redirect: "manual",
    headers: {
      "x-csrf": "1",
      cookie: `${visitor.names.session}=${visitor.session() ?? ""}`,
    },
    ...(["GET", "HEAD", "OPTIONS"].includes(method) ? {} : { body: "{}" }),
  });
}

describe("a frame", () => {
  it("[R21] may show no response, except the front-channel sign-out at the authority", async () => {
    const open = probes.filter(
      ({ frameAncestors }) => frameAncestors !== "'none'",
    );
    const [id = ""] = (visitor.session() ?? "").split(".");
    const sid = withDatabase(site.server.databasePath, (database) =>
      database
        .prepare("SELECT provider_session_id FROM auth_session WHERE id = ?")
        .pluck()
        .get(id),
    );

    expect(probes.length).toBeGreaterThan(200);
    expect(open).toEqual([]);
    for (const query of [`?sid=${String(sid)}`, "?sid=unknown", "/?sid=a"]) {
      const { headers } = await send("GET", `${frontChannel}${query}`);
      expect(headers.get("content-security-policy")).toContain(
        `frame-ancestors ${site.emulator.origin}`,
      );
      expect(headers.get("x-frame-options")).toBeNull();
    }
  });
});

describe("a redirect", () => {
  it("[F24] is sent by no route of the server, so that no request body is repeated elsewhere", () => {
    const redirects = probes.filter(
      ({ status }) => status >= 300 && status < 400,
    );

    expect(redirects).toEqual([]);
  });
});
