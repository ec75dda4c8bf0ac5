import { builtInPeople } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startSite } from "../support/site.js";
import type { Site } from "../support/site.js";

const { ben } = builtInPeople;

let site: Site;

beforeAll(async () => {
  site = await startSite();
});

afterAll(async () => {
  await site?.stop();
});

describe("every response", () => {
  it.each<[string, string, RequestInit]>([
    ["the page", "/", {}],
    ["a page of the web app's router", "/workspace", {}],
    ["a missing file", "/assets/nothing.js", {}],
    ["an address without a route", "/nothing", { method: "POST" }],
    ["the health check", "/healthz", {}],
    ["the health check with a query", "/healthz?probe=1", {}],
    ["the readiness check", "/readyz", {}],
    ["auth.me", "/trpc/auth.me", { headers: { "x-csrf": "1" } }],
    ["auth.me from another site", "/trpc/auth.me", {}],
    ["a batch", "/trpc/auth.me?batch=1", { headers: { "x-csrf": "1" } }],
    [
      "an unknown procedure",
      "/trpc/auth.nothing",
      { headers: { "x-csrf": "1" } },
    ],
    ["a front-channel sign-out", "/auth/front-channel-logout?sid=a", {}],
    ["a refused front-channel sign-out", "/auth/front-channel-logout", {}],
    [
      "a refused logout token",
      "/auth/back-channel-logout",
      { method: "POST", body: new URLSearchParams({ logout_token: "a" }) },
    ],
  ])("[R22] has the security headers: %s", async (_, path, init) => {
    const { headers } = await fetch(`${site.origin}${path}`, init);

    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(/default-src 'none'/);
    expect(policy).toMatch(/base-uri 'none'/);
    expect(policy).toMatch(/frame-ancestors/);
    expect(policy).not.toMatch(/unsafe/);
  });

  it("[R23] has Strict-Transport-Security if the app is on https", async () => {
    const behindTls = await startSite({
      emulator: site.emulator,
      environment: { APP_URL: "https://app.example.test" },
    });
    const paths = ["/", "/healthz", "/readyz", "/trpc/auth.me", "/nothing.js"];

    const responses = await Promise.all(
      paths.map((path) =>
        fetch(`http://localhost:${behindTls.server.port}${path}`),
      ),
    );
    await behindTls.stop();

    for (const { headers } of responses)
      expect(headers.get("strict-transport-security")).toMatch(
        /max-age=31536000/,
      );
  });
});

describe("refused requests", () => {
  it("are logged with the procedure, the code and the user", async () => {
    const visitor = site.createVisitor();
    const { user } = (await visitor.signIn(ben.upn)).data;

    await visitor.query("admin.users.list");

    // The response may arrive before the log line.
    await vi.waitFor(() =>
      expect(site.server.output()).toContain(
        JSON.stringify({
          path: "admin.users.list",
          code: "role_required",
          userId: user.id,
          msg: "request.refused",
        }).slice(1),
      ),
    );
  });

  it.each(["/trpc/auth.me", "/trpc/workspace.greeting"])(
    "are logged if another site sent them: %s",
    async (path) => {
      await fetch(`${site.origin}${path}`, {
        headers: { "sec-fetch-site": "cross-site", "x-csrf": "1" },
      });

      const procedure = path.slice("/trpc/".length);
      await vi.waitFor(() => {
        const lines = site.server
          .output()
          .split("\n")
          .filter((line) => line.includes("cross_site_request"));
        expect(lines.some((line) => line.includes(procedure))).toBe(true);
      });
    },
  );
});
