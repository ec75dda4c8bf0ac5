import { appRouter } from "@entrada/api";
import { builtInPeople } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withDatabase } from "./support/database-file.js";
import { startSite } from "./support/site.js";
import type { Site } from "./support/site.js";
import type { Visitor } from "./support/visitor.js";

const { ada } = builtInPeople;
const { _def: routerDefinition } = appRouter;
const frontChannel = "/auth/front-channel-logout";

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

/** Everything that the server answers, by any method. */
function listRequests(): readonly (readonly [string, string])[] {
  const paths = [
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
    `${frontChannel}/?sid=a`,
    `/${frontChannel}?sid=a`,
    "/trpc",
    "/trpc/no.such",
    ...Object.keys(routerDefinition.procedures).map((name) => `/trpc/${name}`),
  ];
  const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
  return paths.flatMap((path) =>
    methods.map((method) => [method, path] as const),
  );
}

function send(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return visitor.browser.fetch(`${site.origin}${path}`, {
    method,
    headers,
    ...(["GET", "HEAD", "OPTIONS"].includes(method) ? {} : { body: "{}" }),
  });
}

describe("a frame", () => {
  it("shows no answer of ours to anybody, but the front-channel sign-out to the authority", async () => {
    for (const [method, path] of listRequests())
      for (const headers of [{}, { "x-csrf": "1" }]) {
        const answer = await send(method, path, headers);
        const policy = answer.headers.get("content-security-policy") ?? "";

        expect(
          /frame-ancestors ([^;]+)/.exec(policy)?.[1],
          `${method} ${path} ${answer.status}`,
        ).toBe("'none'");
      }
    const [id = ""] = (visitor.cookies().get("session") ?? "").split(".");
    const sid = withDatabase(site.server.databasePath, (database) =>
      database
        .prepare("SELECT provider_session_id FROM session WHERE id = ?")
        .pluck()
        .get(id),
    );
    for (const named of [String(sid), "nobodys"]) {
      const { headers } = await send("GET", `${frontChannel}?sid=${named}`);
      expect(headers.get("content-security-policy")).toContain(
        `frame-ancestors ${site.emulator.origin}`,
      );
      expect(headers.get("x-frame-options")).toBeNull();
    }
  });
});

describe("a redirect", () => {
  it("never repeats a body elsewhere: no answer of the server is 307 or 308, and none leads off", async () => {
    const redirects: string[] = [];
    for (const [method, path] of listRequests()) {
      const answer = await send(method, path, { "x-csrf": "1" });
      if (answer.status >= 300 && answer.status < 400)
        redirects.push(`${method} ${path} ${answer.status}`);
    }

    expect(redirects).toEqual([]);
  });
});
