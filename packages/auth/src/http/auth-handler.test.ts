import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openCookieJar } from "../../test/support/cookie-jar.js";
import { AuthError } from "../core/error.js";
import { createProviderSessionId } from "../testing/fake-identity-provider.js";
import { createTestAuth } from "../testing/test-auth.js";
import type { TestAuth, TestAuthOptions } from "../testing/test-auth.js";
import { testPeople, testTenants } from "../testing/test-people.js";
import {
  createAuthHandler,
  createChannelSignOutHandler,
} from "./auth-handler.js";
import type { AuthHandler } from "./auth-handler.js";
import { createRateLimiter } from "./rate-limiter.js";

const { ada } = testPeople;
const origin = "https://app.test";
const navigation = { accept: "text/html", "sec-fetch-site": "same-origin" };
const formType = "application/x-www-form-urlencoded";

interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
}

/** A browser that keeps cookies and does not follow redirects. */
function openBrowser(handle: AuthHandler) {
  const jar = openCookieJar();
  return {
    jar,
    send: async (
      method: string,
      path: string,
      { headers = {}, form }: Sent = {},
    ): Promise<Response> => {
      const isCrossSite = headers["sec-fetch-site"] === "cross-site";
      const request = new Request(new URL(path, origin), {
        method,
        headers: {
          ...navigation,
          ...headers,
          // The cookies are SameSite=Strict.
          ...(isCrossSite ? {} : { cookie: jar.header() }),
          ...(form === undefined ? {} : { "content-type": formType }),
        },
        ...(form === undefined
          ? {}
          : { body: new URLSearchParams(form).toString() }),
      });
      const response = await handle(request, { clientAddress: "203.0.113.7" });
      if (response === undefined)
        return new Response("somebody else's", { status: 404 });
      jar.keep(response.headers);
      return response;
    },
  };
}

type Browser = ReturnType<typeof openBrowser>;

function open(options: TestAuthOptions = {}): {
  readonly test: TestAuth;
  readonly browser: Browser;
} {
  const test = createTestAuth(options);
  return { test, browser: openBrowser(createAuthHandler({ auth: test.auth })) };
}

/** As `open`, with so many sign-ins, and unknown sign-outs, a minute. */
function openLimited(perMinute: number): {
  readonly test: TestAuth;
  readonly limited: Browser;
} {
  const test = createTestAuth();
  const rateLimiter = createRateLimiter(test.stores, { perMinute });
  const handle = createAuthHandler({ auth: test.auth, rateLimiter });
  return { test, limited: openBrowser(handle) };
}

async function signInAtProvider(
  test: TestAuth,
  browser: Browser,
  path = "/auth/login",
): Promise<URLSearchParams> {
  const response = await browser.send("GET", path);
  const parameters = test.identityClient.answerAuthorization(
    response.headers.get("location") ?? "",
    ada,
  );
  return new URLSearchParams({
    code: String(parameters["code"]),
    state: String(parameters["state"]),
  });
}

async function signIn(test: TestAuth, browser: Browser): Promise<Response> {
  return browser.send(
    "GET",
    `/auth/callback?${await signInAtProvider(test, browser)}`,
  );
}

function readFields(page: string): Readonly<Record<string, string>> {
  const inputs = page.matchAll(
    /<input type="hidden" name="([^"]*)" value="([^"]*)">/g,
  );
  return Object.fromEntries(
    [...inputs].map(([, name = "", value = ""]) => [name, value]),
  );
}

describe("createAuthHandler: GET /auth/login", () => {
  it("goes to the identity provider by 303, with a flow cookie", async () => {
    const { browser } = open();

    const response = await browser.send(
      "GET",
      "/auth/login?returnUrl=/orders&scopes=User.Read%20Mail.Read&prompt=login",
    );

    const location = new URL(response.headers.get("location") ?? "");
    expect(response.status).toBe(303);
    expect(location.origin).toBe("https://login.test");
    expect(location.searchParams.get("scope")).toBe(
      "openid profile offline_access User.Read Mail.Read",
    );
    expect(location.searchParams.get("prompt")).toBe("login");
    expect(browser.jar.names()).toHaveLength(1);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("referrer-policy")).toBe("no-referrer");
  });

  it("sends max_age where the app asks for a fresh sign-in", async () => {
    const { browser } = open();

    const response = await browser.send("GET", "/auth/login?maxAgeSeconds=300");

    const location = new URL(response.headers.get("location") ?? "");
    expect(location.searchParams.get("max_age")).toBe("300");
  });

  it.each(["-1", "soon", "1.5"])(
    "answers 400 for maxAgeSeconds %j",
    async (maxAgeSeconds) => {
      const { browser } = open();
      const query = new URLSearchParams({ maxAgeSeconds });

      const response = await browser.send("GET", `/auth/login?${query}`);

      expect(response.status).toBe(400);
    },
  );

  it.each(["cross-site", "same-site"])(
    "lets a link of another site (%s) decide on no scope, claim or prompt",
    async (site) => {
      const { browser } = open();

      const response = await browser.send(
        "GET",
        "/auth/login?scopes=Mail.Read&prompt=none&claims={}&loginHint=ada",
        { headers: { "sec-fetch-site": site } },
      );

      const { searchParams } = new URL(response.headers.get("location") ?? "");
      expect(searchParams.get("scope")).toBe("openid profile");
      expect(searchParams.has("prompt")).toBe(false);
      expect(searchParams.has("claims")).toBe(false);
      expect(searchParams.get("login_hint")).toBe("ada");
    },
  );

  it("answers a bad request with a page that says so", async () => {
    const { browser } = open();

    const response = await browser.send("GET", "/auth/login?prompt=nonsense");

    expect(response.status).toBe(400);
    await expect(response.text()).resolves.toContain("invalid_request");
  });
});

describe("createAuthHandler: /auth/callback", () => {
  it("signs in and goes to the page the visitor set out from, by 303", async () => {
    const { test, browser } = open();
    const query = await signInAtProvider(
      test,
      browser,
      "/auth/login?returnUrl=/orders",
    );

    const response = await browser.send("GET", `/auth/callback?${query}`);

    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe("https://app.test/orders");
    expect(browser.jar.names()).toEqual(["__Host-Http-session"]);
  });

  it("answers a callback of the provider's site with a page that repeats it from ours", async () => {
    const { test, browser } = open();
    const query = await signInAtProvider(test, browser);

    const page = await browser.send("GET", `/auth/callback?${query}`, {
      headers: { "sec-fetch-site": "cross-site" },
    });
    const response = await browser.send("GET", `/auth/callback?${query}`, {
      headers: { "sec-fetch-site": "same-origin" },
    });

    expect([page.status, response.status]).toEqual([200, 303]);
    expect(page.headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; script-src 'sha256-[^']+'; base-uri 'none'/,
    );
    expect(page.headers.get("cache-control")).toBe("no-store");
    expect(page.headers.getSetCookie()).toEqual([]);
    expect(browser.jar.names()).toEqual(["__Host-Http-session"]);
  });

  it("writes neither code nor state into the page that repeats a callback", async () => {
    const { test, browser } = open();
    const query = await signInAtProvider(test, browser);

    const page = await browser.send("GET", `/auth/callback?${query}`, {
      headers: { "sec-fetch-site": "cross-site" },
    });

    const text = await page.text();
    expect(text).not.toContain(query.get("code"));
    expect(text).not.toContain(query.get("state"));
  });

  it("redeems nothing for the page that repeats a callback", async () => {
    const { test, browser } = open();
    const query = await signInAtProvider(test, browser);

    await browser.send("GET", `/auth/callback?${query}`, {
      headers: { "sec-fetch-site": "cross-site" },
    });

    expect(test.identityClient.countRequests("exchangeCode")).toBe(0);
  });

  it("repeats a posted callback of the provider's site as well", async () => {
    const { test, browser } = open();
    const form = Object.fromEntries(await signInAtProvider(test, browser));

    const page = await browser.send("POST", "/auth/callback", {
      form,
      headers: { "sec-fetch-site": "cross-site" },
    });

    expect(readFields(await page.text())).toEqual(form);
  });

  it("lets nothing of the callback out of its attribute", async () => {
    const { browser } = open();
    const planted = `"><script>alert(1)</script>'&amp;`;

    const page = await browser.send("POST", "/auth/callback", {
      form: { [planted]: planted, state: planted },
      headers: { "sec-fetch-site": "cross-site" },
    });

    const text = await page.text();
    expect(text).not.toContain("<script>alert");
    expect(text).toContain(
      "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;&amp;amp;",
    );
  });

  it("keeps a repeated parameter repeated, so that it is refused", async () => {
    const { test, browser } = open();
    const query = await signInAtProvider(test, browser);
    query.append("code", "another-code");

    const response = await browser.send("GET", `/auth/callback?${query}`);

    expect(response.status).toBe(400);
  });

  it("explains a failure in a page that shows nothing of the link that led there", async () => {
    const { test, browser } = open();
    const state = (await signInAtProvider(test, browser)).get("state") ?? "";
    const planted = "<b>call +1 555 0100</b>";
    const query = new URLSearchParams({
      state,
      error: "access_denied",
      error_description: `AADSTS65004: ${planted}`,
    });

    const response = await browser.send("GET", `/auth/callback?${query}`);

    const page = await response.text();
    expect(response.status).toBe(403);
    expect(page).toContain("authorization_denied, AADSTS65004");
    expect(page).not.toMatch(/555|<b>/);
    expect(response.headers.get("content-security-policy")).toContain(
      "default-src 'none'",
    );
    expect(browser.jar.names()).toEqual([]);
  });

  it("escapes what the app says of a person that it refuses", async () => {
    const { test, browser } = open({
      onSignIn: () => ({ refuse: "<img src=x onerror=alert(1)> & more" }),
    });

    const response = await signIn(test, browser);

    const page = await response.text();
    expect(page).toContain("&lt;img src=x onerror=alert(1)&gt; &amp; more");
    expect(page).not.toContain("<img");
  });

  it("answers programs in JSON", async () => {
    const { browser } = open();

    const response = await browser.send("GET", "/auth/callback?code=c", {
      headers: { accept: "application/json" },
    });

    expect(response.status).toBe(400);
    await expect(response.json()).resolves.toMatchObject({
      error: { authCode: "invalid_request" },
    });
  });

  it.each([
    "text/plain",
    "application/json",
    "multipart/form-data; boundary=x",
    "",
  ])("refuses a posted callback of the type %j", async (type) => {
    const { browser } = open();

    const response = await browser.send("POST", "/auth/callback", {
      headers: { "content-type": type },
    });

    expect(response.status).toBe(400);
  });

  it("refuses a form of more than 64 KiB", async () => {
    const { browser } = open();

    const response = await browser.send("POST", "/auth/callback", {
      form: { state: "x".repeat(70_000) },
    });

    expect(response.status).toBe(400);
  });

  it("is limited by address, and says when to come back", async () => {
    const test = createTestAuth();
    const browser = openBrowser(
      createAuthHandler({
        auth: test.auth,
        rateLimiter: createRateLimiter(test.stores, { perMinute: 1 }),
      }),
    );
    await browser.send("GET", "/auth/login");

    const response = await browser.send("GET", "/auth/login");

    expect(response.status).toBe(429);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  });
});

describe("createAuthHandler: GET /auth/login by something else than a navigation", () => {
  it.each<[string, Readonly<Record<string, string>>]>([
    [
      "an image",
      {
        "sec-fetch-site": "cross-site",
        "sec-fetch-mode": "no-cors",
        "sec-fetch-dest": "image",
      },
    ],
    [
      "a script",
      {
        "sec-fetch-site": "same-site",
        "sec-fetch-mode": "cors",
        "sec-fetch-dest": "empty",
      },
    ],
    [
      "a frame",
      {
        "sec-fetch-site": "cross-site",
        "sec-fetch-mode": "navigate",
        "sec-fetch-dest": "iframe",
      },
    ],
    ["another mode", { "sec-fetch-mode": "no-cors" }],
    ["another destination", { "sec-fetch-dest": "image" }],
    ["an empty destination", { "sec-fetch-dest": "" }],
  ])("is refused, and uses up nobody's budget: %s", async (_, headers) => {
    const { test, limited } = openLimited(1);

    const refused = await limited.send("GET", "/auth/login", { headers });
    const own = await limited.send("GET", "/auth/login", {
      headers: { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" },
    });

    expect([refused.status, own.status]).toEqual([403, 303]);
    expect(await refused.text()).toContain("cross_site_request");
    expect(refused.headers.getSetCookie()).toEqual([]);
    expect(test.events.map(({ type }) => type)).toEqual(["flow.initiated"]);
  });

  it("starts for a program, which states a mode and is on no site", async () => {
    const { test } = open();
    const handle = createAuthHandler({ auth: test.auth });

    const response = await handle(
      new Request(`${origin}/auth/login`, {
        headers: { "sec-fetch-mode": "cors" },
      }),
    );

    expect(response?.status).toBe(303);
  });

  it("lets a link of another site decide on neither scopes, claims nor prompt", async () => {
    const { browser } = open();
    const query = new URLSearchParams({
      scopes: "Mail.Read",
      claims: "{}",
      prompt: "none",
      returnUrl: "/welcome",
    });

    const response = await browser.send("GET", `/auth/login?${query}`, {
      headers: {
        "sec-fetch-site": "cross-site",
        "sec-fetch-mode": "navigate",
        "sec-fetch-dest": "document",
      },
    });

    const url = new URL(response.headers.get("location") ?? "");
    expect(url.searchParams.get("scope")).toBe("openid profile");
    expect(url.searchParams.has("claims")).toBe(false);
    expect(url.searchParams.has("prompt")).toBe(false);
  });
});

describe("createAuthHandler: POST /auth/logout", () => {
  it("ends the session and goes to the provider's sign-out by 303", async () => {
    const { test, browser } = open();
    await signIn(test, browser);
    const sessionCookie = browser.jar.get("__Host-Http-session");

    const response = await browser.send("POST", "/auth/logout");

    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toContain(
      "https://login.test/organizations/oauth2/v2.0/logout?",
    );
    expect(response.headers.has("clear-site-data")).toBe(false);
    expect(browser.jar.names()).toEqual([]);
    await expect(test.auth.readSession(sessionCookie)).resolves.toBeUndefined();
  });

  it("does not sign out by GET", async () => {
    const { test, browser } = open();
    await signIn(test, browser);

    const response = await browser.send("GET", "/auth/logout");

    expect(response.status).toBe(404);
    await expect(
      test.auth.readSession(browser.jar.get("__Host-Http-session")),
    ).resolves.toBeDefined();
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    [
      "of another site",
      { "sec-fetch-site": "cross-site", origin: "https://evil.test" },
    ],
    [
      "of a sibling subdomain",
      { "sec-fetch-site": "same-site", origin: "https://blog.app.test" },
    ],
  ])("refuses a form %s", async (_, headers) => {
    const { test, browser } = open();
    await signIn(test, browser);

    const response = await browser.send("POST", "/auth/logout", { headers });

    expect(response.status).toBe(403);
    await expect(
      test.auth.readSession(browser.jar.get("__Host-Http-session")),
    ).resolves.toBeDefined();
  });
});

describe("createAuthHandler: GET /auth/front-channel-logout", () => {
  const path = `/auth/front-channel-logout?sid=${createProviderSessionId(ada)}`;

  it("ends the sessions of the sid, without any cookie, in a frame of the authority alone", async () => {
    const { test, browser } = open();
    await signIn(test, browser);

    const response = await browser.send("GET", path, {
      headers: { "sec-fetch-site": "cross-site" },
    });

    expect(response.status).toBe(200);
    expect(response.headers.get("content-security-policy")).toBe(
      "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors https://login.test",
    );
    expect(response.headers.get("x-frame-options")).toBeNull();
    expect(response.headers.get("cache-control")).toBe("no-store");
    await expect(
      test.auth.readSession(browser.jar.get("__Host-Http-session")),
    ).resolves.toBeUndefined();
  });

  it("accepts the identity provider's own issuer", async () => {
    const { browser } = open();
    const iss = `https://login.test/${testTenants.contoso}/v2.0`;

    const response = await browser.send("GET", `${path}&iss=${iss}`);

    expect(response.status).toBe(200);
  });

  it.each([
    "&iss=https://evil.test/v2.0",
    "&iss=",
    `&iss=https://login.test/${testTenants.contoso}/v2.0&iss=x`,
  ])("refuses another issuer and ends nothing: %j", async (query) => {
    const { test, browser } = open();
    await signIn(test, browser);

    const response = await browser.send("GET", `${path}${query}`);

    expect(response.status).toBe(400);
    await expect(
      test.auth.readSession(browser.jar.get("__Host-Http-session")),
    ).resolves.toBeDefined();
  });

  it("is limited by address where no session is known, which the back channel is not", async () => {
    const { limited } = openLimited(1);
    const first = await limited.send("GET", path);

    const answers = [
      await limited.send("GET", path),
      await limited.send("POST", "/auth/back-channel-logout", { form: {} }),
    ];

    expect(first.status).toBe(200);
    expect(answers.map(({ status }) => status)).toEqual([429, 400]);
  });

  it("ends the session of a known sid after 100 unknown ones from the same address", async () => {
    const { test, limited } = openLimited(100);
    await signIn(test, limited);
    const statuses = [];
    for (let count = 0; count <= 100; count += 1) {
      const unknown = `/auth/front-channel-logout?sid=unknown-${count}`;
      statuses.push((await limited.send("GET", unknown)).status);
    }

    const response = await limited.send("GET", path, {
      headers: { "sec-fetch-site": "cross-site", "sec-fetch-dest": "iframe" },
    });

    expect(statuses.slice(-2)).toEqual([200, 429]);
    expect(response.status).toBe(200);
    await expect(
      test.auth.readSession(limited.jar.get("__Host-Http-session")),
    ).resolves.toBeUndefined();
  });

  it("uses up no budget where a session is known", async () => {
    const { test, limited } = openLimited(1);
    const counts: string[] = [];
    const { count } = test.stores.rateLimitStore;
    Object.assign(test.stores.rateLimitStore, {
      count: async (key: string, windowSeconds: number) => {
        counts.push(key);
        return count(key, windowSeconds);
      },
    });
    await signIn(test, limited);
    counts.length = 0;

    await limited.send("GET", path);

    expect(counts).toEqual([]);
  });

  it.each(["image", "script", "style", "video", "object", ""])(
    "refuses a request for the destination %j, which nobody signs out by",
    async (destination) => {
      const { test, limited } = openLimited(1);
      await signIn(test, limited);
      const headers = {
        "sec-fetch-site": "cross-site",
        "sec-fetch-dest": destination,
      };

      const answers = [
        await limited.send("GET", path, { headers }),
        await limited.send("GET", path, { headers }),
      ];

      expect(answers.map(({ status }) => status)).toEqual([403, 403]);
      await expect(
        test.auth.readSession(limited.jar.get("__Host-Http-session")),
      ).resolves.toBeDefined();
    },
  );

  it.each(["iframe", "frame", "document", "empty"])(
    "ends the sessions for the destination %j",
    async (destination) => {
      const { test, browser } = open();
      await signIn(test, browser);

      const response = await browser.send("GET", path, {
        headers: {
          "sec-fetch-site": "cross-site",
          "sec-fetch-dest": destination,
        },
      });

      expect(response.status).toBe(200);
      await expect(
        test.auth.readSession(browser.jar.get("__Host-Http-session")),
      ).resolves.toBeUndefined();
    },
  );

  it.each(["", "?sid=", "?sid=a&sid=b", "?iss=https://login.test"])(
    "refuses %j, which names no one sid",
    async (query) => {
      const { browser } = open();

      const response = await browser.send(
        "GET",
        `/auth/front-channel-logout${query}`,
      );

      expect(response.status).toBe(400);
    },
  );
});

async function createLogoutToken(test: TestAuth): Promise<string> {
  return test.identityClient.identityProvider.createLogoutToken({
    tenantId: testTenants.contoso,
    providerSessionId: createProviderSessionId(ada),
  });
}

describe("createAuthHandler: POST /auth/back-channel-logout", () => {
  it("ends the sessions that the logout token names", async () => {
    const { test, browser } = open();
    await signIn(test, browser);

    const response = await openBrowser(
      createAuthHandler({ auth: test.auth }),
    ).send("POST", "/auth/back-channel-logout", {
      form: { logout_token: await createLogoutToken(test) },
      headers: { accept: "*/*" },
    });

    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    await expect(
      test.auth.readSession(browser.jar.get("__Host-Http-session")),
    ).resolves.toBeUndefined();
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ["no token", {}],
    ["an empty token", { logout_token: "" }],
    ["a token that is none", { logout_token: "a.b.c" }],
  ])("answers 400 for %s", async (_, form) => {
    const { browser } = open();

    const response = await browser.send("POST", "/auth/back-channel-logout", {
      form,
      headers: { accept: "*/*" },
    });

    expect(response.status).toBe(400);
  });

  it("asks the provider to try again where the database does not answer", async () => {
    const test = createTestAuth();
    const auth = {
      ...test.auth,
      endByLogoutToken: async () => {
        throw new AuthError(
          "store_unavailable",
          "The database does not answer.",
        );
      },
    };
    const browser = openBrowser(createAuthHandler({ auth }));

    const response = await browser.send("POST", "/auth/back-channel-logout", {
      form: { logout_token: "x" },
    });

    expect(response.status).toBe(503);
  });
});

describe("createAuthHandler: everything else", () => {
  it.each([
    ["GET", "/"],
    ["GET", "/auth"],
    ["GET", "/auth/"],
    ["GET", "/auth/unknown"],
    ["GET", "/auth/login/"],
    ["GET", "/authors/login"],
    ["GET", "/x/auth/login"],
    ["POST", "/auth/login"],
    ["PUT", "/auth/callback"],
    ["DELETE", "/auth/logout"],
    ["POST", "/auth/front-channel-logout"],
    ["GET", "/auth/back-channel-logout"],
    ["GET", "/auth/__proto__"],
    ["GET", "/auth/constructor"],
  ])("leaves %s %s to somebody else", async (method, path) => {
    const { test } = open();

    const response = await createAuthHandler({ auth: test.auth })(
      new Request(new URL(path, origin), { method }),
    );

    expect(response).toBeUndefined();
  });

  it("lives where it is told to", async () => {
    const handle = createAuthHandler({
      auth: createTestAuth().auth,
      basePath: "/account",
    });

    const answers = [
      await handle(new Request(`${origin}/account/login`)),
      await handle(new Request(`${origin}/auth/login`)),
    ];

    expect(answers.map((response) => response?.status)).toEqual([
      303,
      undefined,
    ]);
  });

  it("answers without 500 whatever the method, path, headers and body", async () => {
    const { test } = open();
    const handle = createAuthHandler({ auth: test.auth });
    const text = fc.string({ unit: "binary-ascii", maxLength: 30 });
    const headerText = fc.stringMatching(/^[\x21-\x7e]{0,40}$/);
    const arbitraryRequest = fc.record({
      method: fc.constantFrom(
        "GET",
        "POST",
        "PUT",
        "DELETE",
        "OPTIONS",
        "HEAD",
      ),
      path: fc.constantFrom(
        "login",
        "callback",
        "logout",
        "front-channel-logout",
        "back-channel-logout",
      ),
      query: fc.dictionary(
        fc.constantFrom(
          "state",
          "code",
          "error",
          "iss",
          "sid",
          "scopes",
          "claims",
          "__proto__",
          "%",
        ),
        text,
      ),
      cookie: headerText,
      site: fc.constantFrom("same-origin", "cross-site", "none", "nonsense"),
      type: fc.oneof(fc.constant(formType), headerText),
      body: text,
    });

    await fc.assert(
      fc.asyncProperty(
        arbitraryRequest,
        async ({ method, path, query, cookie, site, type, body }) => {
          const hasBody = !["GET", "HEAD"].includes(method);
          const request = new Request(
            `${origin}/auth/${path}?${new URLSearchParams(query)}`,
            {
              method,
              headers: {
                cookie,
                "sec-fetch-site": site,
                "content-type": type,
                origin,
              },
              ...(hasBody ? { body } : {}),
            },
          );

          const response = await handle(request);

          expect(response?.status ?? 404).toBeLessThan(500);
        },
      ),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe("createChannelSignOutHandler", () => {
  it("serves the provider's sign-outs and nothing else", async () => {
    const handle = createChannelSignOutHandler({ auth: createTestAuth().auth });
    const paths = [
      "/auth/front-channel-logout?sid=x",
      "/auth/login",
      "/auth/callback?code=c",
      "/auth/logout",
    ];

    const answers = await Promise.all(
      paths.map((path) => handle(new Request(`${origin}${path}`))),
    );

    expect(answers.map((response) => response?.status)).toEqual([
      200,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
