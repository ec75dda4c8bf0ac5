import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openTrpcBrowser } from "../../test/support/trpc-app.js";
import type { TrpcRequest } from "../../test/support/trpc-app.js";
import { AuthError } from "../core/error.js";
import type { TenantId, UserId } from "../core/identifiers.js";
import { createRateLimiter } from "../http/rate-limiter.js";
import { createMemoryStores } from "../testing/memory/stores.js";
import { createTestAuth } from "../testing/test-auth.js";
import type { TestAuth, TestAuthOptions } from "../testing/test-auth.js";
import { testPeople } from "../testing/provider/test-people.js";

const { ada, ben } = testPeople;

function open(options: TestAuthOptions = {}) {
  const test = createTestAuth(options);
  return { test, browser: openTrpcBrowser(test) };
}

async function down(): Promise<never> {
  throw new AuthError("store_unavailable", "The database does not respond.");
}

/** A sign-in layer whose database is down. */
function withoutDatabase(test: TestAuth): TestAuth {
  const stores = createMemoryStores();
  return createTestAuth({
    stores: {
      ...test.stores,
      flowStore: {
        ...stores.flowStore,
        add: down,
        take: down,
        isPending: down,
      },
      sessionStore: {
        ...stores.sessionStore,
        find: down,
        admit: down,
        end: down,
      },
    },
  });
}

function refusal(authCode: string, httpStatus: number, path: string): object {
  return {
    error: {
      message: expect.any(String),
      code: expect.any(Number),
      data: { authCode, code: expect.any(String), httpStatus, path },
    },
  };
}

const isoDate = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe("auth.login", () => {
  it("returns the authorization URL and sets the flow cookie", async () => {
    const { browser } = open();

    const answer = await browser.call("auth.login", {
      method: "POST",
      input: { returnUrl: "/orders", scopes: [] },
    });

    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      result: {
        data: {
          authorizationUrl: expect.stringContaining("https://login.test/"),
        },
      },
    });
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(browser.jar.names()).toEqual([
      expect.stringMatching(/^__Host-Http-flow\.[A-Za-z0-9_-]{22}$/),
    ]);
  });

  it("accepts no input", async () => {
    const { browser } = open();

    const results = [
      await browser.call("auth.login", { method: "POST", input: null }),
      await browser.call("auth.login?batch=1", { method: "POST", input: {} }),
    ];

    expect(results.map(({ status }) => status)).toEqual([200, 200]);
  });

  it.each([
    ["a text", "returnUrl"],
    ["a list", []],
    ["another prompt", { prompt: "nonsense" }],
    ["a number for the return URL", { returnUrl: 5 }],
    ["claims that are not JSON", { claims: "{" }],
    ["a lone surrogate in a hint", { loginHint: "\ud800" }],
  ])("returns 400 invalid_request for %s", async (_, input) => {
    const { browser } = open();

    const answer = await browser.call("auth.login", { method: "POST", input });

    expect(answer.status).toBe(400);
    expect(answer.json).toEqual(refusal("invalid_request", 400, "auth.login"));
    expect(browser.jar.names()).toEqual([]);
  });

  it("cannot be called by GET", async () => {
    const { browser } = open();

    const answer = await browser.call("auth.login", { input: {} });

    expect(answer.status).toBe(405);
    expect(browser.jar.names()).toEqual([]);
  });

  it("returns 503 while the identity provider cannot be reached", async () => {
    const { test, browser } = open();
    test.identityClient.identityProvider.answerWith(
      "metadata",
      () => new Response("", { status: 500 }),
    );

    const answer = await browser.call("auth.login", {
      method: "POST",
      input: {},
    });

    expect(answer.status).toBe(503);
    expect(answer.json).toEqual(
      refusal("identity_provider_unavailable", 503, "auth.login"),
    );
  });

  it("returns 429 with the wait for an address that starts too many sign-ins", async () => {
    const test = createTestAuth();
    const browser = openTrpcBrowser(
      test,
      createRateLimiter(test.stores, { perMinute: 1 }),
    );
    await browser.call("auth.login", { method: "POST", input: {} });

    const answer = await browser.call("auth.login", {
      method: "POST",
      input: {},
    });

    expect(answer.status).toBe(429);
    expect(answer.json).toMatchObject({
      error: {
        data: {
          authCode: "rate_limited",
          retryAfterSeconds: expect.any(Number),
        },
      },
    });
  });
});

describe("auth.callback", () => {
  it("returns the user, isNewUser and an absolute return URL, with the session cookie", async () => {
    const { browser } = open();

    const answer = await browser.signIn(ada, { returnUrl: "/orders?page=2" });

    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      result: {
        data: {
          user: {
            id: expect.any(String),
            tenantId: ada.tenantId,
            objectId: ada.objectId,
            name: "Ada Lovelace",
            preferredUsername: "ada@contoso.test",
            email: null,
            roles: ["Admin"],
            groups: [],
            createdAt: expect.stringMatching(isoDate),
            lastSignInAt: expect.stringMatching(isoDate),
          },
          isNewUser: true,
          returnUrl: "https://app.test/orders?page=2",
        },
      },
    });
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(browser.jar.names()).toEqual(["__Host-Http-session"]);
  });

  it("returns 400 browser_mismatch for another browser", async () => {
    const { test, browser } = open();
    const input = await browser.startSignIn(ada);

    const answer = await openTrpcBrowser(test).call("auth.callback", {
      method: "POST",
      input,
    });

    expect(answer.json).toEqual(
      refusal("browser_mismatch", 400, "auth.callback"),
    );
  });

  it("returns a code for the provider's refusal, without its text", async () => {
    const { browser } = open();
    const { state } = await browser.startSignIn(ada);
    const input = {
      state,
      error: "access_denied",
      error_description: "AADSTS65004: planted-text",
    };

    const answer = await browser.call("auth.callback", {
      method: "POST",
      input,
    });

    expect(answer.status).toBe(403);
    expect(answer.json).toMatchObject({
      error: {
        data: {
          authCode: "authorization_denied",
          provider: { error: "access_denied", aadsts: "AADSTS65004" },
        },
      },
    });
    expect(answer.text).not.toContain("planted-text");
  });

  it("returns 4xx or 502 if the ID token is refused", async () => {
    const { test, browser } = open();
    test.identityClient.identityProvider.changeIdTokens({ signature: "none" });

    const answer = await browser.signIn(ada);

    expect(answer.status).toBe(502);
    expect(answer.json).toEqual(
      refusal("id_token_invalid", 502, "auth.callback"),
    );
    expect(browser.jar.names()).toEqual([]);
  });

  it.each([
    ["no input", undefined],
    ["null", null],
    ["a list", []],
    ["a number for the state", { state: 5 }],
    ["no state", { code: "c" }],
    ["a repeated state", { state: ["a", "b"] }],
  ])("returns 400 invalid_request for %s", async (_, input) => {
    const { browser } = open();

    const answer = await browser.call("auth.callback", {
      method: "POST",
      input,
    });

    expect(answer.status).toBe(400);
    expect(answer.json).toEqual(
      refusal("invalid_request", 400, "auth.callback"),
    );
  });

  it("cannot be called by GET", async () => {
    const { test, browser } = open();
    const input = await browser.startSignIn(ada);

    const answer = await browser.call("auth.callback", { input });

    expect(answer.status).toBe(405);
    expect(test.identityClient.countRequests("exchangeCode")).toBe(0);
  });
});

describe("auth.me", () => {
  it("returns null with HTTP 200 for a visitor who is not signed in", async () => {
    const { browser } = open();

    const answer = await browser.call("auth.me");

    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ result: { data: null } });
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  it("returns the user and the session with the cookie's ID", async () => {
    const { browser } = open();
    await browser.signIn(ada);

    const answer = await browser.call("auth.me");

    expect(answer.json).toMatchObject({
      result: {
        data: {
          user: { name: "Ada Lovelace" },
          session: {
            id: browser.jar.get("__Host-Http-session")?.split(".")[0],
            createdAt: "2026-03-01T09:00:00.000Z",
            idleExpiresAt: "2026-03-01T10:00:00.000Z",
            expiresAt: "2026-03-02T09:00:00.000Z",
          },
        },
      },
    });
  });

  it("returns no fields of the session beyond its contract", async () => {
    const { browser } = open();
    await browser.signIn(ada);

    const answer = await browser.call("auth.me");

    expect(answer.text).not.toMatch(
      /digest|partition|providerSession|logoutHint|userAgent|subject|disabledAt/i,
    );
    expect(answer.text).not.toContain(
      browser.jar.get("__Host-Http-session")?.split(".")[1],
    );
  });

  it("returns null after the idle timeout", async () => {
    const { test, browser } = open();
    await browser.signIn(ada);

    test.clock.advance(3600);

    expect((await browser.call("auth.me")).json).toEqual({
      result: { data: null },
    });
  });

  it("[R12] returns 503, never null, while the database is down", async () => {
    const { test, browser } = open();
    await browser.signIn(ada);
    const down = openTrpcBrowser(withoutDatabase(test));

    const answer = await down.call("auth.me", {
      headers: { cookie: browser.jar.header() },
    });

    expect(answer.status).toBe(503);
    expect(answer.json).toEqual(refusal("store_unavailable", 503, "auth.me"));
    expect(answer.text).not.toMatch(/stack|\.ts/);
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  it.each([
    "__Host-Http-session=nonsense",
    "__Host-Http-session=__proto__",
    "__Host-Http-session=%00",
    `__Host-Http-session=${"a".repeat(22)}.${"b".repeat(43)}`,
    `__Host-Http-session=${"x".repeat(8000)}`,
    "=;;;=;",
  ])("returns null for the cookie %.60j", async (cookie) => {
    const { browser } = open();

    const answer = await browser.call("auth.me", { headers: { cookie } });

    expect(answer).toMatchObject({
      status: 200,
      json: { result: { data: null } },
    });
  });
});

describe("auth.logout", () => {
  it("ends the session, clears the cookies, and returns the provider's sign-out URL", async () => {
    const { browser } = open();
    await browser.signIn(ada);
    const cookie = browser.jar.header();

    const answer = await browser.call("auth.logout", { method: "POST" });

    expect(answer.json).toEqual({
      result: {
        data: { logoutUrl: expect.stringContaining("/oauth2/v2.0/logout?") },
      },
    });
    expect(answer.headers.has("clear-site-data")).toBe(false);
    expect(browser.jar.names()).toEqual([]);
    expect(
      (await browser.call("auth.me", { headers: { cookie } })).json,
    ).toEqual({ result: { data: null } });
  });

  it("cannot be called by GET", async () => {
    const { browser } = open();
    await browser.signIn(ada);

    const answer = await browser.call("auth.logout");

    expect(answer.status).toBe(405);
    expect((await browser.call("auth.me")).json).toMatchObject({
      result: { data: { user: { name: "Ada Lovelace" } } },
    });
  });

  it("returns 503 and keeps the cookies while the database is down", async () => {
    const { test, browser } = open();
    await browser.signIn(ada);
    const down = openTrpcBrowser(withoutDatabase(test));

    const answer = await down.call("auth.logout", {
      method: "POST",
      headers: { cookie: browser.jar.header() },
    });

    expect(answer.status).toBe(503);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });
});

describe("every procedure of this package", () => {
  const foreign: readonly [string, NonNullable<TrpcRequest["headers"]>][] = [
    ["without x-csrf", { "x-csrf": undefined }],
    ["with another x-csrf", { "x-csrf": "0" }],
    ["of another origin", { origin: "https://evil.test" }],
    ["of an opaque origin", { origin: "null" }],
    ["of our host on plain http", { origin: "http://app.test" }],
    ["of a sibling subdomain", { "sec-fetch-site": "same-site" }],
    ["of another site", { "sec-fetch-site": "cross-site" }],
    [
      "of a form",
      {
        "x-csrf": undefined,
        "content-type": "application/x-www-form-urlencoded",
        origin: "https://evil.test",
      },
    ],
    [
      "of a form as text/plain",
      { "x-csrf": undefined, "content-type": "text/plain" },
    ],
    [
      "of a form with files",
      {
        "x-csrf": undefined,
        "content-type": "multipart/form-data; boundary=x",
      },
    ],
  ];

  it.each(foreign)("refuses a POST %s", async (_, headers) => {
    const { browser } = open();
    await browser.signIn(ada);

    const results = [
      await browser.call("auth.login", { method: "POST", input: {}, headers }),
      await browser.call("auth.callback", {
        method: "POST",
        input: { state: "s", code: "c" },
        headers,
      }),
      await browser.call("auth.logout", { method: "POST", headers }),
      await browser.call("own.contoso", { method: "POST", headers }),
    ];

    for (const { status } of results) expect([403, 415]).toContain(status);
    expect(browser.jar.names()).toEqual(["__Host-Http-session"]);
  });

  it.each(foreign)("[R2] refuses a GET %s", async (_, headers) => {
    const { browser } = open();
    await browser.signIn(ada);

    const results = [
      await browser.call("auth.me", { headers }),
      await browser.call("own.signedIn", { headers }),
      await browser.call("own.admin", { headers }),
    ];

    for (const { status, text } of results) {
      expect([403, 405, 415]).toContain(status);
      expect(text).not.toContain("Ada");
    }
  });

  it("returns cross_site_request as JSON", async () => {
    const { browser } = open();

    const answer = await browser.call("auth.me", {
      headers: { "x-csrf": undefined },
    });

    expect(answer.status).toBe(403);
    expect(answer.json).toEqual(refusal("cross_site_request", 403, "auth.me"));
  });

  it("accepts the application's own origin", async () => {
    const { browser } = open();

    const answer = await browser.call("auth.me", {
      headers: { origin: "https://app.test" },
    });

    expect(answer.status).toBe(200);
  });

  it("[R3] refuses every member of a batch", async () => {
    const { browser } = open();

    const answer = await browser.call("auth.me,auth.me?batch=1", {
      headers: { "x-csrf": undefined },
    });

    expect(answer.status).toBe(403);
    expect(answer.json).toEqual([
      refusal("cross_site_request", 403, "auth.me"),
      refusal("cross_site_request", 403, "auth.me"),
    ]);
  });

  it("returns a separate result for each member of a batch", async () => {
    const { browser } = open();

    const answer = await browser.call("auth.me,own.signedIn?batch=1");

    expect(answer.status).toBe(207);
    expect(answer.json).toEqual([
      { result: { data: null } },
      refusal("not_signed_in", 401, "own.signedIn"),
    ]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  it("returns each of two browsers its own user in concurrent requests", async () => {
    const { test } = open();
    const [adas, bens] = [openTrpcBrowser(test), openTrpcBrowser(test)];
    await Promise.all([adas.signIn(ada), bens.signIn(ben)]);

    const results = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        (index % 2 === 0 ? adas : bens).call("own.signedIn"),
      ),
    );

    expect(
      results.every(({ text }, index) =>
        text.includes(index % 2 === 0 ? "Ada Lovelace" : "Ben Okafor"),
      ),
    ).toBe(true);
  });
});

describe("signedIn", () => {
  it("accepts a signed-in user, and adds user and session", async () => {
    const { browser } = open();
    await browser.signIn(ada);

    const answer = await browser.call("own.signedIn");

    expect(answer.json).toEqual({
      result: {
        data: {
          user: "Ada Lovelace",
          session: browser.jar.get("__Host-Http-session")?.split(".")[0],
        },
      },
    });
  });

  it("returns 401 not_signed_in for a visitor who is not signed in", async () => {
    const { browser } = open();

    const answer = await browser.call("own.signedIn");

    expect(answer.status).toBe(401);
    expect(answer.json).toEqual(refusal("not_signed_in", 401, "own.signedIn"));
  });

  it("returns 401 as soon as the user is disabled", async () => {
    const { test, browser } = open();
    const { text } = await browser.signIn(ada);
    const id = /"id":"([^"]+)"/.exec(text)?.[1] ?? "";

    await test.stores.userStore.disable(
      id as UserId,
      ada.tenantId as TenantId,
      test.clock.now(),
    );

    expect((await browser.call("own.signedIn")).status).toBe(401);
  });

  it("returns 503, not 401, while the database is down", async () => {
    const { test, browser } = open();
    await browser.signIn(ada);
    const down = openTrpcBrowser(withoutDatabase(test));

    const answer = await down.call("own.signedIn", {
      headers: { cookie: browser.jar.header() },
    });

    expect(answer.json).toEqual(
      refusal("store_unavailable", 503, "own.signedIn"),
    );
  });

  it("ignores internal headers of frameworks", async () => {
    const { browser } = open();

    const answer = await browser.call("own.signedIn", {
      headers: {
        "x-middleware-subrequest": "middleware",
        "x-user": "ada",
        authorization: "Bearer x",
        "x-forwarded-user": "ada",
      },
    });

    expect(answer.status).toBe(401);
  });
});

describe("requireRole", () => {
  it("accepts a user with the role", async () => {
    const { browser } = open();
    await browser.signIn(ada);

    expect((await browser.call("own.admin")).json).toEqual({
      result: { data: "Ada Lovelace" },
    });
  });

  it("returns 403 role_required for a user without the role, and 401 for a visitor who is not signed in", async () => {
    const { test, browser } = open();
    await browser.signIn(ben);

    const results = [
      await browser.call("own.admin"),
      await openTrpcBrowser(test).call("own.admin"),
    ];

    expect(results.map(({ json }) => json)).toEqual([
      refusal("role_required", 403, "own.admin"),
      refusal("not_signed_in", 401, "own.admin"),
    ]);
  });
});

describe("requireTenant", () => {
  it("accepts a user of the organisation, guests included", async () => {
    const { browser } = open();
    await browser.signIn(testPeople.grace);

    expect(
      (await browser.call("own.contoso", { method: "POST" })).json,
    ).toEqual({ result: { data: "Grace Hopper" } });
  });

  it("returns 403 tenant_required for a user of another organisation", async () => {
    const { browser } = open();
    await browser.signIn(testPeople.graceAtHome);

    const answer = await browser.call("own.contoso", { method: "POST" });

    expect(answer.json).toEqual(refusal("tenant_required", 403, "own.contoso"));
  });
});

describe("formatAuthError", () => {
  it.each<[string, string, TrpcRequest]>([
    ["an unknown procedure", "auth.unknown", {}],
    ["a procedure of the prototype", "auth.__proto__", {}],
    ["a procedure of the prototype", "constructor", {}],
    ["no procedure", "", {}],
    ["a query by POST", "auth.me", { method: "POST", input: {} }],
    ["an unsupported method", "auth.me", { method: "PUT", input: {} }],
    ["malformed JSON", "auth.login", { method: "POST", body: '{"returnUrl":' }],
    ["invalid JSON", "auth.login", { method: "POST", body: "<html>" }],
    [
      "another content type",
      "auth.login",
      { method: "POST", body: "{}", headers: { "content-type": "text/plain" } },
    ],
    [
      "a malformed batch",
      "auth.login,auth.login?batch=1",
      { method: "POST", body: "[]" },
    ],
  ])("returns 4xx with an authCode for %s", async (_, path, request) => {
    const { browser } = open();

    const answer = await browser.call(path, request);

    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.text).toContain('"authCode":"invalid_request"');
    expect(answer.text).not.toMatch(/stack|node_modules|SyntaxError/);
  });

  it("[R12] contains no details of an unexpected failure", async () => {
    const { browser } = open();
    await browser.signIn(ada);

    const answer = await browser.call("own.broken");

    expect(answer.status).toBe(500);
    expect(answer.json).toEqual(refusal("internal_error", 500, "own.broken"));
    expect(answer.text).not.toMatch(/planted|SELECT|stack/);
  });

  it("never returns 500, for any input", async () => {
    const { browser } = open();
    const member = fc.constantFrom(
      "returnUrl",
      "scopes",
      "prompt",
      "loginHint",
      "claims",
      "state",
      "code",
      "error",
      "iss",
      "__proto__",
    );
    const input = fc.oneof(
      fc.jsonValue({ maxDepth: 6 }),
      fc.dictionary(member, fc.jsonValue()),
    );

    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("auth.login", "auth.callback", "auth.logout"),
        input,
        async (path, value) => {
          const { status } = await browser.call(path, {
            method: "POST",
            input: value,
          });

          expect(status).toBeLessThan(500);
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });
});
