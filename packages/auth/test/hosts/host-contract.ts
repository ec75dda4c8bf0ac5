import {
  builtInPeople,
  demoApp,
  startEntraEmulator,
} from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuthOptions } from "../../src/core/options.js";
import { startApp } from "./support/host-app.js";
import type {
  HostSetup,
  HostUnderTest,
  RunningApp,
} from "./support/host-app.js";
import {
  byScript,
  noMetadata,
  openHostBrowser,
} from "./support/host-browser.js";
import type { BrowserResponse, HostBrowser } from "./support/host-browser.js";

const { ada, ben, grace } = builtInPeople;
const otherOrigin = "https://evil.example.test";

type AppSetup = HostSetup & {
  readonly options?: Partial<AuthOptions>;
  /** Distinguishes set-ups that must not share an app. */
  readonly use?: string;
};

/** Describes the rules that every host must follow, run against real servers. */
export function describeHost(host: HostUnderTest): void {
  describe(`an app on ${host.name}`, () => {
    let emulator: EntraEmulator;
    let app: RunningApp;
    let browser: HostBrowser;

    // The tests of one set-up share an app, because starting one takes longer than a test.
    const apps = new Map<string, RunningApp>();

    beforeAll(async () => {
      emulator = await startEntraEmulator();
      emulator.updateApp(demoApp.clientId, {
        redirectUris: ["/auth", "/account", "/api/auth", "/hr/auth"].map(
          (path) => `http://localhost${path}/callback`,
        ),
      });
    });
    afterAll(async () => {
      for (const { close } of apps.values()) await close();
      await emulator.close();
    });

    const open = async (setup: AppSetup = {}) => {
      const key = JSON.stringify(setup);
      app = apps.get(key) ?? (await startApp(host, emulator, setup));
      apps.set(key, app);
      app.forgetHandled();
      browser = openHostBrowser(app.origin, emulator, setup.basePath);
    };
    const openSignedIn = async (
      setup: AppSetup = {},
      person: { readonly upn: string } = ada,
    ) => {
      await open(setup);
      await browser.signIn(person.upn);
    };
    const sendLogoutToken = async (form?: string) => {
      const token = await emulator.control.createLogoutToken({
        clientId: demoApp.clientId,
        upn: ada.upn,
      });
      return browser.send("POST", "/auth/back-channel-logout", {
        headers: { cookie: undefined },
        form: form ?? { logout_token: token },
      });
    };

    describe("the sign-in routes", () => {
      it("sign a user in and out by navigations", async () => {
        await open();

        const callback = await browser.signIn(ada.upn, "/reports?year=2026");
        const home = await browser.send("GET", "/");
        const reports = await browser.send("GET", "/reports?year=2026");
        const me = await browser.send("GET", "/auth/me", { headers: byScript });
        const logout = await browser.send("POST", "/auth/logout");
        const after = await browser.send("GET", "/");
        const meAfter = await browser.send("GET", "/auth/me");

        expect(callback.status).toBe(303);
        expect(callback.headers.get("location")).toBe(
          `${app.origin}/reports?year=2026`,
        );
        expect(JSON.parse(home.text)).toEqual({ name: ada.name });
        expect(JSON.parse(reports.text)).toMatchObject({
          objectId: ada.home.objectId,
        });
        expect(JSON.parse(me.text).user).toEqual(JSON.parse(reports.text));
        expect(logout.status).toBe(200);
        expect(logout.text).toContain(`href="${emulator.origin}/`);
        expect(JSON.parse(after.text)).toEqual({ name: null });
        expect([meAfter.status, meAfter.text]).toEqual([200, "null"]);
      });

      it("start a sign-in from a form", async () => {
        await open();

        const response = await browser.send("POST", "/auth/login", {
          form: { returnUrl: "/reports", loginHint: ada.upn },
        });

        expect(response.status).toBe(200);
        expect(response.text).toContain("login_hint=ada");
      });

      it("[N11] include every path below the base path, with any method", async () => {
        await open();

        const statuses = await listStatuses(browser, [
          ["GET", "/auth/unknown"],
          ["GET", "/auth"],
          ["PUT", "/auth/me"],
          ["DELETE", "/auth/login"],
          ["OPTIONS", "/auth/logout"],
          ["TRACE", "/auth/login"],
          ["GET", "/auth/logout"],
          ["GET", "/auth/callback/x"],
        ]);

        expect(statuses).toEqual(Array.from({ length: 8 }, () => 404));
        expect(app.handled).toEqual([]);
      });

      it("do not include paths that only look similar", async () => {
        await open();

        const paths = ["/authors", "//auth/login", "/x/auth/login"];
        for (const path of paths) await browser.send("GET", path);

        expect(app.handled).toEqual(paths);
      });

      it("have the path of the host's router if it is encoded", async () => {
        await open();

        const { headers } = await browser.send("GET", "/%61uth/login");

        const isOwn = headers.get("location")?.startsWith(emulator.origin);
        expect(isOwn ?? false).toBe(host.decodesPaths);
        expect(app.handled.length).toBe(host.decodesPaths ? 0 : 1);
      });

      it("[N7] start and redeem nothing for HEAD requests and prefetches", async () => {
        await open();

        const head = await browser.send("HEAD", "/auth/login");
        const prefetch = await browser.send("GET", "/auth/login", {
          headers: { "sec-purpose": "prefetch" },
        });

        expect([head.status, prefetch.status]).toEqual([404, 503]);
        expect(browser.jar.names()).toEqual([]);
      });

      it("are at another base path, which is a path of the application", async () => {
        await open({ basePath: "/account" });

        await browser.signIn(ada.upn);
        const reports = await browser.send("GET", "/reports");
        const other = await browser.send("GET", "/auth/login");

        expect(reports.status).toBe(200);
        expect(JSON.parse(other.text)).toEqual({ own: true });
      });

      it("[R15] redirect to the configured address, whatever the request states", async () => {
        const appUrl = "https://app.example.test";
        await open({ options: { appUrl } });

        const { headers } = await browser.send("GET", "/auth/login", {
          headers: {
            host: "evil.example.test",
            "x-forwarded-host": "evil.example.test",
            "x-forwarded-proto": "http",
          },
        });
        const guarded = await browser.send("GET", "/reports", {
          headers: { host: "evil.example.test" },
        });

        const target = new URL(headers.get("location") ?? "");
        expect(target.searchParams.get("redirect_uri")).toBe(
          `${appUrl}/auth/callback`,
        );
        expect(guarded.headers.get("location")).toBe(
          "/auth/login?returnUrl=%2Freports",
        );
      });

      it("are below the path of the application, whether or not a proxy removes it", async () => {
        await open({ appPath: "/hr" });
        const guarded = await browser.send("GET", "/reports");
        const remote = openHostBrowser(app.origin, emulator, "/hr/auth");

        const callback = await remote.signIn(ada.upn, "/reports");
        const whole = await remote.send("GET", "/hr/auth/me");
        const cut = await remote.send("GET", "/auth/me");

        expect(guarded.headers.get("location")).toBe(
          "/hr/auth/login?returnUrl=%2Freports",
        );
        expect(callback.headers.get("location")).toBe(
          `${app.origin}/hr/reports`,
        );
        expect(JSON.parse(whole.text).user.name).toBe(ada.name);
        expect(cut.text).toBe(whole.text);
      });

      it("[R14] count sign-ins by the address of TRUSTED_PROXIES", async () => {
        await open({
          options: { rateLimit: { perMinute: 1 }, trustedProxies: ["private"] },
        });

        const responses = [
          await startFrom(browser, "203.0.113.1"),
          await startFrom(browser, "203.0.113.2"),
          await startFrom(browser, "203.0.113.1"),
        ];

        expect(responses.map(({ status }) => status)).toEqual([303, 303, 429]);
      });

      it("[R14] ignore X-Forwarded-For of other peers", async () => {
        await open({ options: { rateLimit: { perMinute: 1 } } });

        await startFrom(browser, "203.0.113.1");
        const second = await startFrom(browser, "203.0.113.2");

        expect(second.status).toBe(429);
      });

      it("[N9] read at most the size of a form", async () => {
        await open();

        const response = await sendLogoutToken("a".repeat(70_000));

        expect(response.status).toBe(400);
      });
    });

    describe("a back-channel sign-out", () => {
      it.each(["formParser", undefined] as const)(
        "ends the session with the body parser %s before",
        async (before) => {
          await openSignedIn({ before });

          const response = await sendLogoutToken();
          const home = await browser.send("GET", "/");

          expect(response.status).toBe(200);
          expect(JSON.parse(home.text)).toEqual({ name: null });
        },
      );

      it("ends the session with a body parser after", async () => {
        await openSignedIn({ after: "formParser" });

        const response = await sendLogoutToken();

        expect(response.status).toBe(200);
      });

      it("is refused with what to move if its body was read and not kept", async () => {
        await open({ before: "rawBodyReader" });

        const response = await sendLogoutToken();

        expect(response.status).toBe(400);
        expect(response.text).toContain("before the body parser");
      });
    });

    describe("an app that parses forms", () => {
      it.each([{ before: "formParser" }, { after: "formParser" }] as const)(
        "gets its forms with the parser %j",
        async (setup) => {
          await openSignedIn(setup);

          const { text } = await browser.send("POST", "/open", {
            form: { note: "hello" },
          });

          expect(JSON.parse(text)).toMatchObject({ name: ada.name });
          if (host.name !== "node:http")
            expect(JSON.parse(text).note).toBe("hello");
        },
      );

      it("signs out with a parser before", async () => {
        await openSignedIn({ before: "formParser" });

        const response = await browser.send("POST", "/auth/logout", {
          form: {},
        });

        expect(response.status).toBe(200);
      });
    });

    describe("a cookie of the app", () => {
      it.each(["cookie", "startedResponse"] as const)(
        "[N15] is sent beside all cookies of the package, with %s before",
        async (before) => {
          await openSignedIn({ before });
          const { session } = nameCookies(app);

          const login = await browser.send("GET", "/auth/login");
          const logout = await browser.send("POST", "/auth/logout");

          expect(login.status).toBe(303);
          expect(
            listCookies(login).some((name) => name.startsWith("flow-")),
          ).toBe(true);
          const removed = listCookies(logout);
          expect(removed).toContain(session);
          expect(removed.some((name) => name.startsWith("flow-"))).toBe(true);
          expect(listCookies(login)).toContain("theme");
          expect(removed).toContain("theme");
        },
      );
    });

    describe("requireSession", () => {
      it("[N13] redirects a navigation to the sign-in, which returns to path and query", async () => {
        await open();

        const get = await browser.send("GET", "/reports?a=1&b=%2F%20%C3%A9");
        const head = await browser.send("HEAD", "/reports");

        expect([get.status, head.status]).toEqual([303, 303]);
        const location = get.headers.get("location") ?? "";
        expect(location).toMatch(/^\/auth\/login\?returnUrl=/);
        expect(
          new URL(location, app.origin).searchParams.get("returnUrl"),
        ).toBe("/reports?a=1&b=%2F%20%C3%A9");
        expect(get.headers.get("cache-control")).toBe("no-store");
        expect(get.headers.get("content-type")).toBeNull();
        expect(app.handled).toEqual([]);
      });

      it("[N13] refuses any other request without a session, and does not redirect it", async () => {
        await open();

        const responses = [
          await browser.send("GET", "/reports", { headers: byScript }),
          await browser.send("GET", "/reports", {
            headers: { accept: undefined },
          }),
          await browser.send("POST", "/reports"),
          await browser.send("POST", "/reports", {
            headers: { ...noMetadata, accept: undefined },
          }),
        ];

        for (const response of responses)
          expectRefusal(response, 401, "not_signed_in");
        expect(app.handled).toEqual([]);
      });

      it("[R15] never redirects to another origin", async () => {
        await open();

        const { status, headers } = await browser.send(
          "GET",
          `${otherOrigin}/reports`,
        );

        expect(status).toBe(303);
        expect(headers.get("location")).toBe(
          "/auth/login?returnUrl=%2Freports",
        );
      });

      it("[N13] refuses a user without the role: a page for a navigation, JSON otherwise", async () => {
        await openSignedIn({}, ben);

        const page = await browser.send("GET", "/admin");
        const json = await browser.send("GET", "/admin", { headers: byScript });
        const auditors = await browser.send("GET", "/auditors", {
          headers: byScript,
        });

        expect(page.status).toBe(403);
        expect(page.headers.get("content-type")).toContain("text/html");
        expect(page.text).toContain("lacks the required role");
        expectRefusal(json, 403, "role_required");
        expectRefusal(auditors, 403, "role_required");
        expect(app.handled).toEqual([]);
      });

      it("admits a user with any of the roles", async () => {
        await openSignedIn();

        const statuses = await listStatuses(browser, [
          ["GET", "/admin"],
          ["GET", "/auditors"],
        ]);

        expect(statuses).toEqual([200, 200]);
      });

      it("[N13] refuses a user of another organisation", async () => {
        await openSignedIn();

        const response = await browser.send("GET", "/fabrikam", {
          headers: byScript,
        });
        await browser.signIn(grace.upn);
        const own = await browser.send("GET", "/fabrikam");

        expectRefusal(response, 403, "tenant_required");
        expect(own.status).toBe(200);
      });

      it("[K7] makes the response uncacheable", async () => {
        await openSignedIn();

        const { headers } = await browser.send("GET", "/reports");

        expect(headers.get("cache-control")).toBe("no-store");
      });

      it("protects HEAD, and a path as the host's router understands it", async () => {
        await open();

        const statuses = await listStatuses(
          browser,
          [
            ["HEAD", "/reports"],
            ["GET", "/%72eports"],
            ["GET", "/reports?x=/../"],
          ],
          byScript,
        );

        expect(statuses[0]).toBe(401);
        expect(statuses[1]).toBe(host.decodesPaths ? 401 : 404);
        expect(statuses[2]).toBe(401);
      });

      it("leaves OPTIONS to the host", async () => {
        await open();

        const [guarded, unguarded] = [
          await browser.send("OPTIONS", "/reports"),
          await browser.send("OPTIONS", "/"),
        ];

        if (host.name !== "node:http")
          expect(guarded.status).toBe(unguarded.status);
        expect(guarded.text).not.toContain(ada.name);
      });

      it("[S2] ignores a session cookie that is not valid", async () => {
        await open();
        const { session } = nameCookies(app);

        const responses = [
          await browser.send("GET", "/", {
            headers: { cookie: `${session}=x` },
          }),
          await browser.send("GET", "/reports", {
            headers: { ...byScript, cookie: `${session}=a.b; ${session}=c` },
          }),
        ];

        expect(JSON.parse(responses[0]?.text ?? "")).toEqual({ name: null });
        expect(responses[1]?.status).toBe(401);
      });
    });

    describe("the origin rule", () => {
      it.each([
        [
          "another site",
          { "sec-fetch-site": "cross-site", origin: otherOrigin },
        ],
        [
          "a sibling domain",
          { "sec-fetch-site": "same-site", origin: "https://x.localhost" },
        ],
        ["a typed address", { "sec-fetch-site": "none" }],
        ["another origin", { ...noMetadata, origin: otherOrigin }],
        [
          "two origins",
          { ...noMetadata, origin: ["http://localhost", otherOrigin] },
        ],
        ["an unknown site", { "sec-fetch-site": "elsewhere" }],
      ] as const)(
        "[N1][R6] refuses a POST of %s before the app handles it, and hides the session without a guard",
        async (_, headers) => {
          await openSignedIn();

          const guarded = await browser.send("POST", "/reports", { headers });
          const handled = [...app.handled];
          const unguarded = await browser.send("POST", "/open", { headers });

          expectRefusal(guarded, 403, "cross_site_request");
          expect(handled).toEqual([]);
          expect(JSON.parse(unguarded.text)).toEqual({ name: null });
        },
      );

      it.each([
        ["an absent origin", noMetadata],
        ["the origin null", { ...noMetadata, origin: "null" }],
      ] as const)(
        "[N2] refuses a POST with a session cookie and %s, and names the policy that sends one",
        async (_, headers) => {
          await openSignedIn();

          const guarded = await browser.send("POST", "/reports", { headers });
          const unguarded = await browser.send("POST", "/open", { headers });
          const logout = await browser.send("POST", "/auth/logout", {
            headers,
          });

          expectRefusal(guarded, 403, "cross_site_request");
          expect(guarded.text).toContain("Referrer-Policy: same-origin");
          expect(JSON.parse(unguarded.text)).toEqual({ name: null });
          expect(logout.status).toBe(200);
        },
      );

      it("[N3] accepts a POST of the application's own pages, with and without Fetch Metadata", async () => {
        await openSignedIn();

        const responses = [
          await browser.send("POST", "/reports"),
          await browser.send("POST", "/reports", {
            headers: { origin: app.origin },
          }),
          await browser.send("POST", "/reports", {
            headers: { ...noMetadata, origin: app.origin },
          }),
          await browser.send("POST", "/reports", {
            headers: { origin: "null" },
          }),
        ];

        expect(responses.map(({ status }) => status)).toEqual([
          200, 200, 200, 200,
        ]);
      });

      it("accepts a link of another site", async () => {
        await openSignedIn();

        const response = await browser.send("GET", "/reports", {
          headers: { "sec-fetch-site": "cross-site" },
        });

        expect(response.status).toBe(200);
      });
    });

    describe("a database that does not respond", () => {
      it("[R12] is 503 before the app's handler runs: a page for a navigation, JSON otherwise", async () => {
        await openSignedIn({ use: "outage" });
        app.breakDatabase();

        const responses = [
          await browser.send("GET", "/reports", { headers: byScript }),
          await browser.send("GET", "/", { headers: byScript }),
          await browser.send("GET", "/auth/me", { headers: byScript }),
        ];
        const page = await browser.send("GET", "/reports");

        for (const response of responses)
          expectRefusal(response, 503, "store_unavailable");
        expect(page.status).toBe(503);
        expect(page.headers.get("content-type")).toContain("text/html");
        expect(app.handled).toEqual([]);
      });

      it("does not concern a request without a session cookie", async () => {
        await open({ use: "outage" });
        app.breakDatabase();

        const { status } = await browser.send("GET", "/");

        expect(status).toBe(200);
      });
    });

    it("fails with 500 if a handler reads a session whose guard was forgotten", async () => {
      await open();

      const { status, text } = await browser.send("GET", "/forgotten", {
        headers: byScript,
      });

      expect(status).toBe(500);
      expect(text).not.toContain(ada.name);
    });

    describe("with SameSite=Strict cookies", () => {
      it("owns only the channel sign-outs and GET /auth/me", async () => {
        await open({ options: { sameSite: "strict" } });

        const me = await browser.send("GET", "/auth/me");
        const frame = await browser.send(
          "GET",
          "/auth/front-channel-logout?sid=unknown",
        );
        const back = await browser.send("POST", "/auth/back-channel-logout", {
          form: { logout_token: "x" },
        });
        const others = await listStatuses(browser, [
          ["GET", "/auth/login"],
          ["GET", "/auth/callback?code=x"],
          ["POST", "/auth/logout"],
        ]);

        expect([me.status, me.text]).toEqual([200, "null"]);
        expect([frame.status, back.status]).toEqual([200, 400]);
        expect(others).toEqual([404, 404, 404]);
        expect(app.handled).toHaveLength(3);
      });

      it("refuses a navigation without a session by 401", async () => {
        await open({ options: { sameSite: "strict" } });

        const { status, headers } = await browser.send("GET", "/reports");

        expect(status).toBe(401);
        expect(headers.get("location")).toBeNull();
      });
    });

    if (host.canMount)
      it("works in a sub-application: guards return to the whole path", async () => {
        await open({ isMounted: true, basePath: "/api/auth" });

        const guarded = await browser.send("GET", "/api/reports?x=1");
        await browser.signIn(ada.upn);
        const reports = await browser.send("GET", "/api/reports");

        expect(guarded.headers.get("location")).toBe(
          "/api/auth/login?returnUrl=%2Fapi%2Freports%3Fx%3D1",
        );
        expect(reports.status).toBe(200);
      });
  });
}

function startFrom(
  browser: HostBrowser,
  address: string,
): Promise<BrowserResponse> {
  return browser.send("GET", "/auth/login", {
    headers: { "x-forwarded-for": address },
  });
}

type Step = readonly [method: string, path: string];

async function listStatuses(
  browser: HostBrowser,
  steps: readonly Step[],
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (const [method, path] of steps) {
    const { status } = await browser.send(method, path, { headers });
    statuses.push(status);
  }
  return statuses;
}

function expectRefusal(
  { status, headers, text }: BrowserResponse,
  expected: number,
  authCode: string,
): void {
  expect(status).toBe(expected);
  expect(headers.get("location")).toBeNull();
  expect(headers.get("content-type")).toContain("application/json");
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(JSON.parse(text)).toMatchObject({
    error: { authCode, message: expect.any(String) },
  });
}

function nameCookies({ origin }: RunningApp): { readonly session: string } {
  return { session: `session-${new URL(origin).port}` };
}

/** Returns the names of the cookies that a response sets or removes. */
function listCookies({ headers }: BrowserResponse): readonly string[] {
  return headers.getSetCookie().map((line) => line.split("=")[0] ?? "");
}
