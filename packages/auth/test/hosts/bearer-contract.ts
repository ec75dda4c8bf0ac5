import {
  builtInPeople,
  builtInTenants,
  startEntraEmulator,
} from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { registerApiClients } from "./support/api-clients.js";
import type { ApiClients } from "./support/api-clients.js";
import { startApp } from "./support/host-app.js";
import type { HostUnderTest, RunningApp } from "./support/host-app.js";
import { byScript, openHostBrowser } from "./support/host-browser.js";
import type {
  BrowserRequest,
  BrowserResponse,
  HostBrowser,
} from "./support/host-browser.js";

const { ada } = builtInPeople;
const foreign = {
  "sec-fetch-site": "cross-site",
  origin: "https://spa.example.test",
} as const;

/** Describes what every host must do with bearer tokens, run against real servers. */
export function describeBearerTokens(host: HostUnderTest): void {
  describe(`an API on ${host.name}`, () => {
    let emulator: EntraEmulator;
    let clients: ApiClients;
    let app: RunningApp;
    let parsingApp: RunningApp;
    let browser: HostBrowser;

    beforeAll(async () => {
      emulator = await startEntraEmulator();
      clients = registerApiClients(emulator);
      app = await startApp(host, emulator, {
        cors: { origins: ["https://admin.example.test", foreign.origin] },
      });
      parsingApp = await startApp(host, emulator, { before: "formParser" });
      browser = openHostBrowser(app.origin, emulator);
      await browser.signIn(ada.upn);
    });
    afterAll(async () => {
      await app.close();
      await parsingApp.close();
      await emulator.close();
    });

    /** Sends a request without cookies, as an API client does. */
    const call = (
      method: string,
      path: string,
      headers: BrowserRequest["headers"] = {},
    ): Promise<BrowserResponse> => {
      app.forgetHandled();
      return openHostBrowser(app.origin, emulator).send(method, path, {
        headers: { ...byScript, "sec-fetch-site": undefined, ...headers },
      });
    };

    describe("requireBearer", () => {
      it.each([1, 2] as const)(
        "[B1] admits users and applications with tokens of version %i",
        async (version) => {
          clients.setVersion(version);
          const userToken = await clients.createUserToken();
          const daemonToken = await clients.createDaemonToken();
          clients.setVersion(2);

          const ofUser = await call("GET", "/orders", withToken(userToken));
          const ofDaemon = await call("GET", "/orders", withToken(daemonToken));

          const { tenantId } = builtInTenants.contoso;
          expect(JSON.parse(ofUser.text)).toEqual({
            kind: "user",
            tenantId,
            objectId: ada.home.objectId,
            clientId: clients.portalId,
            scopes: ["Orders.Read"],
            roles: ["Admin"],
          });
          expect(JSON.parse(ofDaemon.text)).toEqual({
            kind: "application",
            tenantId,
            objectId: expect.any(String),
            clientId: clients.daemonId,
            roles: ["Orders.Export"],
          });
        },
      );

      it("[B7] needs no cookie and no origin of the app, sets no cookie, and makes the response uncacheable", async () => {
        const token = await clients.createUserToken();

        const { status, headers } = await call("POST", "/orders", {
          ...withToken(token),
          ...foreign,
        });

        expect(status).toBe(200);
        expect(headers.getSetCookie()).toEqual([]);
        expect(headers.get("cache-control")).toBe("no-store");
      });

      it.each<[string, NonNullable<BrowserRequest["headers"]>]>([
        ["no header", {}],
        ["a navigation without a header", { accept: "text/html" }],
        ["another scheme", { authorization: "Basic YTpi" }],
      ])(
        "[B7] refuses a request without a bearer token with 401: %s",
        async (_, headers) => {
          const response = await call("GET", "/orders", headers);

          expectRefusal(response, [401, "not_signed_in", "Bearer"]);
          expect(app.handled).toEqual([]);
        },
      );

      it("[B7] refuses a session cookie with 401", async () => {
        app.forgetHandled();
        const response = await browser.send("GET", "/orders");

        expectRefusal(response, [401, "not_signed_in", "Bearer"]);
        expect(app.handled).toEqual([]);
      });

      it.each<[string, () => string | Promise<string>]>([
        ["a malformed token", () => "opaque"],
        ["an empty token", () => ""],
        ["an expired token", () => clients.createExpiredToken()],
        [
          "a wrong signature",
          async () =>
            (await clients.createUserToken()).replace(/.{10}$/, "AAAAAAAAAA"),
        ],
        ["a token for another API", () => clients.createUserToken("other")],
        ["an ID token", () => clients.createIdToken()],
        ["a refresh token", () => clients.createRefreshToken()],
      ])(
        "[B2][B4][B5][B7] refuses %s as an invalid token with 401",
        async (_, createToken) => {
          const token = await createToken();

          const response = await call("GET", "/orders", withToken(token));

          expectRefusal(response, [
            401,
            "bearer_invalid",
            'Bearer error="invalid_token"',
          ]);
          expect(app.handled).toEqual([]);
        },
      );

      it("[B4] accepts another audience instead of the API's own", async () => {
        const own = await clients.createUserToken();
        const other = await clients.createUserToken("other");

        const refused = await call("GET", "/other-orders", withToken(own));
        const admitted = await call("GET", "/other-orders", withToken(other));

        expect([refused.status, admitted.status]).toEqual([401, 200]);
      });

      it("[B6][B7] refuses a token without the scope with 403, and an application too", async () => {
        const responses = [
          await call(
            "GET",
            "/archive",
            withToken(await clients.createUserToken()),
          ),
          await call(
            "GET",
            "/archive",
            withToken(await clients.createDaemonToken()),
          ),
        ];

        for (const response of responses)
          expectRefusal(response, [
            403,
            "scope_required",
            'Bearer error="insufficient_scope", scope="Orders.Write Orders.Delete"',
          ]);
        expect(app.handled).toEqual([]);
      });

      it("[B6][B7] refuses a token without the role with 403", async () => {
        const response = await call(
          "GET",
          "/audit",
          withToken(await clients.createDaemonToken()),
        );

        expectRefusal(response, [
          403,
          "role_required",
          'Bearer error="insufficient_scope"',
        ]);
        expect(app.handled).toEqual([]);
      });

      it("[B7] refuses two headers and a token in the query with 400", async () => {
        const token = await clients.createUserToken();
        const { authorization } = withToken(token);

        const responses = [
          await call("GET", "/orders", {
            authorization: [authorization, authorization],
          }),
          await call("GET", "/orders", {
            authorization: ["Basic YTpi", authorization],
          }),
          await call("GET", `/orders?access_token=${token}`),
          await call("GET", `/orders?access_token=${token}`, { authorization }),
        ];

        for (const response of responses) expectInvalidRequest(response);
        expect(app.handled).toEqual([]);
      });

      it("[B7] refuses a token in a form that the app has parsed with 400", async () => {
        const token = await clients.createUserToken();
        const client = openHostBrowser(parsingApp.origin, emulator);
        const send = (headers: Readonly<Record<string, string>>) =>
          client.send("POST", "/orders", {
            headers: { ...byScript, ...headers },
            form: { access_token: token },
          });

        const responses = [await send({}), await send(withToken(token))];

        for (const response of responses) expectInvalidRequest(response);
        expect(parsingApp.handled).toEqual([]);
      });

      it("fails with 500 if a handler reads a caller whose guard was forgotten", async () => {
        const token = await clients.createUserToken();

        const { status } = await call(
          "GET",
          "/forgotten-orders",
          withToken(token),
        );

        expect(status).toBe(500);
      });
    });

    describe("a page of another origin", () => {
      const preflight = { "access-control-request-method": "POST" };

      it("[B8] may call with a token and read the response, without credentials", async () => {
        const token = withToken(await clients.createUserToken());

        const asked = await call("OPTIONS", "/orders", {
          ...foreign,
          ...preflight,
        });
        const admitted = await call("POST", "/orders", {
          ...token,
          ...foreign,
        });
        const refused = await call("GET", "/orders", foreign);

        expect([asked.status, asked.text]).toEqual([204, ""]);
        expect(asked.headers.get("access-control-allow-headers")).toContain(
          "authorization",
        );
        expect(asked.headers.get("access-control-allow-methods")).toContain(
          "POST",
        );
        expect([admitted.status, refused.status]).toEqual([200, 401]);
        for (const { headers } of [asked, admitted, refused]) {
          expect(headers.get("access-control-allow-origin")).toBe(
            foreign.origin,
          );
          expect(headers.get("access-control-allow-credentials")).toBeNull();
          expect(headers.get("vary")).toContain("Origin");
        }
        expect(refused.headers.get("access-control-expose-headers")).toBe(
          "www-authenticate",
        );
      });

      it.each([
        "https://evil.example.test",
        "https://spa.example.test.evil.test",
        "http://spa.example.test",
        "https://spa.example.test:8443",
        "null",
      ])("[B8] may not if it is not listed: %s", async (origin) => {
        const token = withToken(await clients.createUserToken());

        const responses = [
          await call("OPTIONS", "/orders", { origin, ...preflight }),
          await call("GET", "/orders", { ...token, origin }),
        ];

        for (const { headers } of responses) {
          expect(headers.get("access-control-allow-origin")).toBeNull();
          expect(headers.get("access-control-allow-methods")).toBeNull();
          expect(headers.get("vary")).toContain("Origin");
        }
      });

      it("[B8] may not read the sign-in routes", async () => {
        const responses = [
          await call("OPTIONS", "/auth/logout", { ...foreign, ...preflight }),
          await call("GET", "/auth/me", foreign),
        ];

        for (const { headers } of responses)
          expect(headers.get("access-control-allow-origin")).toBeNull();
      });

      it("[B8] may not read anything in an app without the option", async () => {
        const { headers } = await openHostBrowser(
          parsingApp.origin,
          emulator,
        ).send("GET", "/", { headers: foreign });

        expect(headers.get("access-control-allow-origin")).toBeNull();
        expect(headers.get("vary") ?? "").not.toContain("Origin");
      });
    });

    describe("a request with a bearer token and a session cookie", () => {
      it("[B7] has no session, and requireSession refuses it with 401", async () => {
        const headers = withToken(await clients.createUserToken());

        const home = await browser.send("GET", "/", { headers });
        const guarded = [
          await browser.send("GET", "/reports", { headers }),
          await browser.send("POST", "/reports", {
            headers: { ...headers, ...foreign },
          }),
        ];

        expect(JSON.parse(home.text)).toEqual({ name: null });
        for (const { status, headers: received, text } of guarded) {
          expect(status).toBe(401);
          expect(received.get("location")).toBeNull();
          expect(JSON.parse(text)).toMatchObject({
            error: { authCode: "not_signed_in" },
          });
        }
        for (const response of [home, ...guarded])
          expect(response.headers.getSetCookie()).toEqual([]);
      });

      it("[B7] neither signs in nor out", async () => {
        const headers = withToken(await clients.createUserToken());

        const login = await browser.send("GET", "/auth/login", { headers });
        const logout = await browser.send("POST", "/auth/logout", { headers });
        const me = await browser.send("GET", "/auth/me", { headers });
        const after = await browser.send("GET", "/");

        expect([login.status, logout.status]).toEqual([400, 400]);
        expect(me.text).not.toContain(ada.name);
        for (const response of [login, logout, me])
          expect(response.headers.getSetCookie()).toEqual([]);
        expect(JSON.parse(after.text)).toEqual({ name: ada.name });
      });
    });

    it("[B7] excuses no other scheme from the origin rule", async () => {
      const headers = { authorization: "Negotiate YTpi" };

      const home = await browser.send("GET", "/", { headers });
      const response = await browser.send("POST", "/reports", {
        headers: { ...headers, ...foreign },
      });

      expect(JSON.parse(home.text)).toEqual({ name: ada.name });
      expect(response.status).toBe(403);
      expect(JSON.parse(response.text)).toMatchObject({
        error: { authCode: "cross_site_request" },
      });
    });
  });
}

function withToken(token: string): { readonly authorization: string } {
  return { authorization: `Bearer ${token}` };
}

type Refusal = readonly [status: number, authCode: string, challenge: string];

function expectRefusal(
  { status, headers, text }: BrowserResponse,
  refusal: Refusal,
): void {
  const { error } = JSON.parse(text);
  expect([status, error.authCode, headers.get("www-authenticate")]).toEqual(
    refusal,
  );
  expect(error.message).toEqual(expect.any(String));
  expect(headers.get("content-type")).toContain("application/json");
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.getSetCookie()).toEqual([]);
}

function expectInvalidRequest(response: BrowserResponse): void {
  expectRefusal(response, [
    400,
    "invalid_request",
    'Bearer error="invalid_request"',
  ]);
}
