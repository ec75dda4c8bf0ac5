import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openCookieJar } from "../../../test/support/cookie-jar.js";
import { AuthError } from "../../core/error.js";
import { createProviderSessionId } from "../../testing/provider/fake-identity-provider.js";
import { createTestAuth } from "../../testing/test-auth.js";
import type { TestAuth, TestAuthOptions } from "../../testing/test-auth.js";
import { testPeople, testTenants } from "../../testing/provider/test-people.js";
import {
  createAuthHandler,
  createChannelSignOutHandler,
} from "./auth-handler.js";
import type { AuthHandler, AuthHandlerOptions } from "./auth-handler.js";
import { createRateLimiter } from "../rate-limiter.js";

const { ada } = testPeople;
const origin = "https://app.test";
const sessionName = "__Host-Http-session";
const formType = "application/x-www-form-urlencoded";
/** A browser from before 2023, or behind a proxy that strips Fetch Metadata. */
const noMetadata = { "sec-fetch-site": undefined };

interface Sent {
  /** Added to those of a navigation within our site; `undefined` removes one. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly form?: Readonly<Record<string, string>> | string;
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
      const sent = {
        accept: "text/html",
        "sec-fetch-site": "same-origin",
        // The cookies are SameSite=Lax: they are sent with a link of another site, but not with its form.
        cookie: isCrossSite && method !== "GET" ? undefined : jar.header(),
        "content-type": form === undefined ? undefined : formType,
        ...headers,
      };
      const request = new Request(new URL(path, origin), {
        method,
        headers: Object.entries(sent).flatMap(
          ([name, value]): [string, string][] =>
            value === undefined ? [] : [[name, value]],
        ),
        ...(form === undefined
          ? {}
          : { body: new URLSearchParams(form).toString() }),
      });
      const response = await handle(request, { clientAddress: "203.0.113.7" });
      if (response === undefined)
        return new Response("not the handler's", { status: 418 });
      jar.keep(response.headers);
      return response;
    },
  };
}

type Browser = ReturnType<typeof openBrowser>;

function createLaxAuth(options: TestAuthOptions = {}): TestAuth {
  return createTestAuth({ sameSite: "lax", ...options });
}

function open(
  options: TestAuthOptions = {},
  handler: Omit<AuthHandlerOptions, "auth"> = {},
): {
  readonly test: TestAuth;
  readonly browser: Browser;
} {
  const test = createLaxAuth(options);
  const handle = createAuthHandler({ auth: test.auth, ...handler });
  return { test, browser: openBrowser(handle) };
}

/** Like `open`, with a rate limit. */
function openLimited(perMinute: number): {
  readonly test: TestAuth;
  readonly limited: Browser;
  /** The actions that were counted so far. */
  readonly counted: readonly string[];
} {
  const test = createLaxAuth();
  const limiter = createRateLimiter(test.stores, { perMinute });
  const counted: string[] = [];
  const handle = createAuthHandler({
    auth: test.auth,
    rateLimiter: {
      consume: async (action, address) => {
        counted.push(action);
        return limiter.consume(action, address);
      },
    },
  });
  return { test, limited: openBrowser(handle), counted };
}

/** Returns the callback parameters that the identity provider sends in response to the authorization URL. */
function answer(test: TestAuth, authorizationUrl: string): URLSearchParams {
  const parameters = test.identityClient.answerAuthorization(
    authorizationUrl,
    ada,
  );
  return new URLSearchParams({
    code: String(parameters["code"]),
    state: String(parameters["state"]),
  });
}

async function signInAtProvider(
  test: TestAuth,
  browser: Browser,
  path = "/auth/login",
): Promise<URLSearchParams> {
  const response = await browser.send("GET", path);
  return answer(test, response.headers.get("location") ?? "");
}

async function signIn(test: TestAuth, browser: Browser): Promise<Response> {
  const query = await signInAtProvider(test, browser);
  return browser.send("GET", `/auth/callback?${query}`, {
    headers: { "sec-fetch-site": "cross-site" },
  });
}

/** Makes the flow store fail until the returned function is called. */
function failFlowStore({ stores }: TestAuth): () => void {
  const { take } = stores.flowStore;
  Object.assign(stores.flowStore, {
    take: async () => {
      throw new AuthError(
        "store_unavailable",
        "The database does not respond.",
      );
    },
  });
  return () => Object.assign(stores.flowStore, { take });
}

/** Returns the links of a page by their text, resolved against its address. */
async function readLinks(
  response: Response,
  address: string,
): Promise<Readonly<Record<string, string>>> {
  const links = (await response.text()).matchAll(
    /<a[^>]* href="([^"]*)"[^>]*>([^<]*)<\/a>/g,
  );
  return Object.fromEntries(
    [...links].map(([, href = "", words = ""]) => [
      words,
      new URL(href.replaceAll("&amp;", "&"), new URL(address, origin)).href,
    ]),
  );
}

function isSignedIn(test: TestAuth, browser: Browser): Promise<boolean> {
  return test.auth
    .readSession(browser.jar.get(sessionName))
    .then((signedIn) => signedIn !== undefined);
}

describe("createAuthHandler: GET /auth/login", () => {
  const everything =
    "returnUrl=/orders&scopes=User.Read%20Mail.Read&prompt=login&loginHint=ada%40contoso.com&domainHint=contoso&claims={}&maxAgeSeconds=300";

  it("[F24] accepts all parameters from a link of our own page, and redirects to the identity provider by 303 with a flow cookie", async () => {
    const { browser } = open();

    const response = await browser.send("GET", `/auth/login?${everything}`);

    const location = new URL(response.headers.get("location") ?? "");
    expect(response.status).toBe(303);
    expect(location.origin).toBe("https://login.test");
    expect(Object.fromEntries(location.searchParams)).toMatchObject({
      scope: expect.stringMatching(/ User\.Read Mail\.Read$/),
      prompt: "login",
      login_hint: "ada@contoso.com",
      domain_hint: "contoso",
      claims: "{}",
      max_age: "300",
    });
    expect(browser.jar.names()).toHaveLength(1);
    expect(response.headers.getSetCookie().join()).toContain("SameSite=Lax");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("referrer-policy")).toBe("no-referrer");
  });

  it.each(["-1", "soon", "1.5"])(
    "responds with 400 for maxAgeSeconds %j",
    async (maxAgeSeconds) => {
      const { browser } = open();
      const query = new URLSearchParams({ maxAgeSeconds });

      const response = await browser.send("GET", `/auth/login?${query}`);

      expect(response.status).toBe(400);
    },
  );

  it.each(["cross-site", "same-site", "anything-new"])(
    "[N4] starts no sign-in for a link of another site (%s), and shows a page whose button keeps only the return URL",
    async (site) => {
      const { test, browser } = open();

      const response = await browser.send("GET", `/auth/login?${everything}`, {
        headers: { "sec-fetch-site": site, "sec-fetch-dest": "document" },
      });

      expect(response.status).toBe(200);
      expect(browser.jar.names()).toEqual([]);
      expect(test.events).toEqual([]);
      expect(await readLinks(response, "/auth/login")).toEqual({
        "Sign in": `${origin}/auth/login?returnUrl=${encodeURIComponent(`${origin}/orders`)}`,
      });
    },
  );

  it.each(["https://evil.test/", "//evil.test", '"><script>alert(1)</script>'])(
    "resolves the return URL %j in a link of another site to our origin",
    async (returnUrl) => {
      const { browser } = open();
      const query = new URLSearchParams({ returnUrl });

      const response = await browser.send("GET", `/auth/login?${query}`, {
        headers: { "sec-fetch-site": "cross-site" },
      });

      const page = await response.clone().text();
      const links = await readLinks(response, "/auth/login");
      const wanted = new URL(links["Sign in"] ?? "").searchParams;
      expect(page).not.toMatch(/evil|<script>/);
      expect(new URL(wanted.get("returnUrl") ?? "").origin).toBe(origin);
    },
  );

  it("ignores invalid parameters in a link of another site", async () => {
    const { browser } = open();

    const response = await browser.send(
      "GET",
      "/auth/login?prompt=nonsense&claims=x&returnUrl=/a&returnUrl=/b",
      { headers: { "sec-fetch-site": "cross-site" } },
    );

    expect(response.status).toBe(200);
  });

  it("signs in through the button of that page", async () => {
    const { test, browser } = open();
    const page = await browser.send("GET", "/auth/login?returnUrl=/orders", {
      headers: { "sec-fetch-site": "cross-site" },
    });
    const { "Sign in": href = "" } = await readLinks(page, "/auth/login");
    const query = await signInAtProvider(test, browser, href);

    const response = await browser.send("GET", `/auth/callback?${query}`);

    expect(response.headers.get("location")).toBe(`${origin}/orders`);
  });

  it("redirects back with prompt=none once, and shows a button on the second attempt, so there is no loop", async () => {
    const { test, browser } = open();
    const path = "/auth/login?returnUrl=/orders&prompt=none";
    const headers = { "sec-fetch-site": "none" };

    const first = await browser.send("GET", path, { headers });
    const second = await browser.send("GET", path, { headers });

    expect(first.status).toBe(303);
    expect(second.status).toBe(200);
    expect(await readLinks(second, "/auth/login")).toEqual({
      "Sign in": `${origin}/auth/login?returnUrl=${encodeURIComponent(`${origin}/orders`)}`,
    });
    expect(test.events).toEqual([]);
  });

  it("ignores invalid hints from a typed address", async () => {
    const { browser } = open();

    const response = await browser.send(
      "GET",
      `/auth/login?loginHint=${"a".repeat(3000)}&loginHint=b&prompt=bogus`,
      { headers: { "sec-fetch-site": "none" } },
    );

    expect(response.status).toBe(303);
    expect(browser.jar.names()).toHaveLength(1);
  });

  it.each<[string, Sent["headers"]]>([
    ["without Fetch Metadata", noMetadata],
    ["from a typed address", { "sec-fetch-site": "none" }],
  ])("[N3][N5] starts a sign-in %s, and ignores hints", async (_, headers) => {
    const { browser } = open();

    const response = await browser.send(
      "GET",
      "/auth/login?returnUrl=/orders&loginHint=ada&domainHint=contoso&prompt=login&maxAgeSeconds=300",
      { headers: { ...headers } },
    );

    const { searchParams } = new URL(response.headers.get("location") ?? "");
    expect(response.status).toBe(303);
    expect(browser.jar.names()).toHaveLength(1);
    expect(searchParams.has("login_hint")).toBe(false);
    expect(searchParams.has("domain_hint")).toBe(false);
    expect(searchParams.has("prompt")).toBe(false);
    // Accepted, because it only makes the sign-in stricter.
    expect(searchParams.get("max_age")).toBe("300");
  });

  it.each(
    ["scopes=Mail.Read", "claims={}"].flatMap((query) => [
      [query, undefined] as const,
      [query, "none"] as const,
    ]),
  )(
    "[N5] starts no sign-in with %s from an unknown origin (Sec-Fetch-Site: %s), and shows a page with a button",
    async (query, site) => {
      const { test, browser } = open();

      const response = await browser.send(
        "GET",
        `/auth/login?returnUrl=/orders&${query}`,
        { headers: { "sec-fetch-site": site } },
      );

      expect(response.status).toBe(200);
      expect(test.events).toEqual([]);
      expect(browser.jar.names()).toEqual([]);
      expect(await readLinks(response, "/auth/login")).toEqual({
        "Sign in": `${origin}/auth/login?returnUrl=${encodeURIComponent(`${origin}/orders`)}`,
      });
    },
  );

  it.each([undefined, "none"])(
    "[N5] redirects back without a sign-in for prompt=none from an unknown origin (Sec-Fetch-Site: %s)",
    async (site) => {
      const { test, browser } = open();

      const response = await browser.send(
        "GET",
        "/auth/login?returnUrl=/orders&prompt=none",
        { headers: { "sec-fetch-site": site } },
      );

      expect(response.status).toBe(303);
      expect(response.headers.get("location")).toBe(`${origin}/orders`);
      expect(test.events).toEqual([]);
    },
  );

  it("responds to an invalid request with a page that names the error code", async () => {
    const { browser } = open();

    const response = await browser.send("GET", "/auth/login?prompt=nonsense");

    expect(response.status).toBe(400);
    await expect(response.text()).resolves.toContain("invalid_request");
  });

  it("is rate-limited by address, with Retry-After", async () => {
    const { limited } = openLimited(1);
    await limited.send("GET", "/auth/login");

    const response = await limited.send("GET", "/auth/login?returnUrl=/orders");

    expect(response.status).toBe(429);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await readLinks(response, "/auth/login")).toMatchObject({
      "Try again": `${origin}/auth/login?returnUrl=${encodeURIComponent(`${origin}/orders`)}`,
    });
  });

  it.each<[string, string, string, Sent]>([
    [
      "a query that is too long",
      "GET",
      `/auth/login?a=${"b".repeat(17_000)}`,
      {},
    ],
    [
      "a query of too many parameters",
      "GET",
      `/auth/login?${"a&".repeat(60)}`,
      {},
    ],
    ["an invalid prompt", "GET", "/auth/login?prompt=x", {}],
    [
      "a form that is too long",
      "POST",
      "/auth/login",
      { form: `a=${"b".repeat(70_000)}` },
    ],
  ])(
    "[N10] counts a start before it is parsed: %s",
    async (_, method, path, sent) => {
      const { limited, counted } = openLimited(100);

      const response = await limited.send(method, path, sent);

      expect(response.status).toBe(400);
      expect(counted).toEqual(["login"]);
    },
  );

  it.each([
    ["an image", { "sec-fetch-site": "cross-site", "sec-fetch-dest": "image" }],
    ["a script", { "sec-fetch-site": "same-site", "sec-fetch-dest": "empty" }],
    ["a frame", { "sec-fetch-site": "cross-site", "sec-fetch-dest": "iframe" }],
    ["a frame of our own", { "sec-fetch-dest": "iframe" }],
    ["an empty destination", { "sec-fetch-dest": "" }],
  ])("refuses a request for %s, and does not count it", async (_, headers) => {
    const { test, limited, counted } = openLimited(1);

    const refused = await limited.send("GET", "/auth/login", { headers });
    const own = await limited.send("GET", "/auth/login", {
      headers: { "sec-fetch-dest": "document" },
    });

    expect([refused.status, own.status]).toEqual([403, 303]);
    expect(await refused.text()).toContain("cross_site_request");
    expect(refused.headers.getSetCookie()).toEqual([]);
    expect(counted).toEqual(["login"]);
    expect(test.events.map(({ type }) => type)).toEqual(["flow.initiated"]);
  });

  it("starts a sign-in for a program that sends Sec-Fetch-Mode without Sec-Fetch-Site", async () => {
    const { browser } = open();

    const response = await browser.send("GET", "/auth/login", {
      headers: { ...noMetadata, "sec-fetch-mode": "cors", accept: "*/*" },
    });

    expect(response.status).toBe(303);
  });
});

describe("createAuthHandler: POST /auth/login", () => {
  const form = {
    returnUrl: "/orders",
    scopes: "User.Read Mail.Read",
    prompt: "login",
    loginHint: "ada@contoso.com",
    domainHint: "",
    claims: "{}",
  };

  it.each<[string, Sent["headers"]]>([
    ["with Fetch Metadata", { origin }],
    ["with Fetch Metadata, under no-referrer", { origin: "null" }],
    ["with Fetch Metadata, without an origin", {}],
    ["in an old browser", { ...noMetadata, origin }],
  ])(
    "accepts all parameters from a form of our own page %s, and navigates to the identity provider by a page",
    async (_, headers) => {
      const { test, browser } = open();

      const response = await browser.send("POST", "/auth/login", {
        form,
        headers: { ...headers },
      });

      const { Continue: target = "" } = await readLinks(
        response,
        "/auth/login",
      );
      const { searchParams } = new URL(target);
      expect(response.status).toBe(200);
      expect(searchParams.get("scope")).toMatch(/ User\.Read Mail\.Read$/);
      expect(Object.fromEntries(searchParams)).toMatchObject({
        prompt: "login",
        login_hint: "ada@contoso.com",
        claims: "{}",
      });
      expect(searchParams.has("domain_hint")).toBe(false);
      const callback = await browser.send(
        "GET",
        `/auth/callback?${answer(test, target)}`,
      );
      expect(callback.headers.get("location")).toBe(`${origin}/orders`);
    },
  );

  it.each<[string, Sent["headers"]]>([
    [
      "of another site",
      { "sec-fetch-site": "cross-site", origin: "https://evil.test" },
    ],
    [
      "of a sibling subdomain",
      { "sec-fetch-site": "same-site", origin: "https://blog.app.test" },
    ],
    [
      "of another site in an old browser",
      { ...noMetadata, origin: "https://evil.test" },
    ],
    [
      "of an opaque origin in an old browser",
      { ...noMetadata, origin: "null" },
    ],
    ["without site and origin", noMetadata],
    ["with Sec-Fetch-Site: none", { "sec-fetch-site": "none" }],
    ["with contradicting headers", { origin: "https://evil.test" }],
  ])("[N1] refuses a form %s, and does not count it", async (_, headers) => {
    const { test, limited, counted } = openLimited(1);

    const response = await limited.send("POST", "/auth/login", {
      form,
      headers: { ...headers },
    });

    expect(response.status).toBe(403);
    expect(limited.jar.names()).toEqual([]);
    expect(test.events).toEqual([]);
    expect(counted).toEqual([]);
  });

  it("names the referrer policy in the error for a form without site and origin", async () => {
    const { browser } = open();

    const response = await browser.send("POST", "/auth/login", {
      form,
      headers: noMetadata,
    });

    expect(await response.text()).toContain("Referrer-Policy: same-origin");
  });

  it("keeps the return URL in the failure page", async () => {
    const { browser } = open();

    const response = await browser.send("POST", "/auth/login", {
      form: { ...form, prompt: "nonsense" },
    });

    expect(await readLinks(response, "/auth/login")).toMatchObject({
      "Try again": `${origin}/auth/login?returnUrl=${encodeURIComponent(`${origin}/orders`)}`,
    });
  });
});

describe("createAuthHandler: GET /auth/callback", () => {
  it.each<[string, Sent["headers"]]>([
    ["from the provider's site", { "sec-fetch-site": "cross-site" }],
    ["without Fetch Metadata", noMetadata],
  ])(
    "[F24][N3] signs in %s and redirects to the return URL by 303",
    async (_, headers) => {
      const { test, browser } = open();
      const query = await signInAtProvider(
        test,
        browser,
        "/auth/login?returnUrl=/orders",
      );

      const response = await browser.send("GET", `/auth/callback?${query}`, {
        headers: { ...headers },
      });

      expect(response.status).toBe(303);
      expect(response.headers.get("location")).toBe(`${origin}/orders`);
      expect(browser.jar.names()).toEqual([sessionName]);
    },
  );

  it("accepts a trailing slash on every route", async () => {
    const { test, browser } = open();
    const query = await signInAtProvider(test, browser, "/auth/login/");

    const callback = await browser.send("GET", `/auth/callback/?${query}`);
    const me = await browser.send("GET", "/auth/me/");
    const logout = await browser.send("POST", "/auth/logout/");

    expect(callback.headers.get("location")).toBe(`${origin}/`);
    await expect(me.json()).resolves.toMatchObject({
      user: { name: ada.name },
    });
    expect(logout.status).toBe(200);
  });

  it("refuses a repeated parameter", async () => {
    const { test, browser } = open();
    const query = await signInAtProvider(test, browser);
    query.append("code", "another-code");

    const response = await browser.send("GET", `/auth/callback?${query}`);

    expect(response.status).toBe(400);
  });

  it("shows a failure page without any text of the callback URL", async () => {
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
    expect(page).not.toContain(state);
    expect(response.headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(browser.jar.names()).toEqual([]);
  });

  it("[F20] escapes the app's message for a user that it refuses", async () => {
    const { test, browser } = open({
      onSignIn: () => ({ refuse: "<img src=x onerror=alert(1)> & more" }),
    });

    const response = await signIn(test, browser);

    const page = await response.text();
    expect(page).toContain("&lt;img src=x onerror=alert(1)&gt; &amp; more");
    expect(page).not.toContain("<img");
  });

  it("responds with JSON to programs", async () => {
    const { browser } = open();

    const response = await browser.send("GET", "/auth/callback?code=c", {
      headers: { accept: "application/json" },
    });

    expect(response.status).toBe(400);
    await expect(response.json()).resolves.toEqual({
      error: { authCode: "invalid_request", message: expect.any(String) },
    });
  });

  it("keeps the return URL in the failure page after the flow was taken", async () => {
    const { test, browser } = open({
      onSignIn: () => ({ refuse: "Ask us for an invitation." }),
    });
    const query = await signInAtProvider(
      test,
      browser,
      "/auth/login?returnUrl=/orders?page=2%26size=9",
    );
    const path = `/auth/callback?${query}`;

    const response = await browser.send("GET", path);

    const wanted = encodeURIComponent(`${origin}/orders?page=2&size=9`);
    expect(await readLinks(response, path)).toEqual({
      // Otherwise the identity provider would choose the same account again.
      "Try again": `${origin}/auth/login?returnUrl=${wanted}&prompt=select_account`,
      "Go to the start page": `${origin}/`,
    });
  });

  it.each([
    ["AADSTS50076: more proof", "claims=%7B%7D", "%7B%7D"],
    ["AADSTS50196: loop", "", undefined],
  ])(
    "links after %s only to a sign-in that can succeed",
    async (description, added, claims) => {
      const { test, browser } = open();
      const query = await signInAtProvider(
        test,
        browser,
        "/auth/login?returnUrl=/orders",
      );
      const path = `/auth/callback?${new URLSearchParams({
        state: query.get("state") ?? "",
        error: "interaction_required",
        error_description: description,
      })}&${added}`;

      const response = await browser.send("GET", path);

      const { "Try again": again } = await readLinks(response, path);
      expect(again).toBe(
        claims === undefined
          ? undefined
          : `${origin}/auth/login?returnUrl=${encodeURIComponent(`${origin}/orders`)}&claims=${claims}`,
      );
    },
  );

  it("[F27] can be repeated if the database did not respond: flow and cookie are kept, and the page contains no code or state", async () => {
    const { test, browser } = open();
    const query = await signInAtProvider(
      test,
      browser,
      "/auth/login?returnUrl=/orders",
    );
    const path = `/auth/callback?${query}`;
    const restore = failFlowStore(test);

    const failed = await browser.send("GET", path);
    restore();
    const page = await failed.clone().text();
    const { "Try again": again = "" } = await readLinks(failed, path);
    const response = await browser.send("GET", again);

    expect(failed.status).toBe(503);
    expect(page).not.toContain(query.get("state"));
    expect(page).not.toContain(query.get("code"));
    expect(new URL(again).pathname).toBe("/auth/callback");
    expect(response.headers.get("location")).toBe(`${origin}/orders`);
  });

  it("links to a new sign-in with the return URL if the database fails after the flow was taken", async () => {
    const { test, browser } = open();
    const query = await signInAtProvider(
      test,
      browser,
      "/auth/login?returnUrl=/orders",
    );
    Object.assign(test.stores.sessionStore, {
      admit: async () => {
        throw new AuthError("store_unavailable", "The database is down.");
      },
    });

    const response = await browser.send("GET", `/auth/callback?${query}`);

    expect(response.status).toBe(503);
    expect(browser.jar.names()).toEqual([]);
    expect(await readLinks(response, "/auth/callback")).toMatchObject({
      "Try again": `${origin}/auth/login?returnUrl=${encodeURIComponent(`${origin}/orders`)}`,
    });
  });

  it("redirects to the start page if it is repeated and the visitor is signed in", async () => {
    const { test, browser } = open();
    const query = await signInAtProvider(
      test,
      browser,
      "/auth/login?returnUrl=/orders",
    );
    await browser.send("GET", `/auth/callback?${query}`);
    const session = browser.jar.get(sessionName);

    const response = await browser.send("GET", `/auth/callback?${query}`);

    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe(`${origin}/`);
    expect(browser.jar.get(sessionName)).toBe(session);
  });

  it("redirects to the start page if its flow expired and the visitor is signed in", async () => {
    const { test, browser } = open();
    await signIn(test, browser);
    const query = await signInAtProvider(test, browser);
    test.clock.advance(601);

    const response = await browser.send("GET", `/auth/callback?${query}`);

    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe(`${origin}/`);
  });

  it("responds with flow_not_found if its flow expired and the visitor is not signed in", async () => {
    const { test, browser } = open();
    const query = await signInAtProvider(test, browser);
    test.clock.advance(601);

    const response = await browser.send("GET", `/auth/callback?${query}`);

    expect(response.status).toBe(400);
    expect(await response.text()).toContain("flow_not_found");
  });

  it("[N6] refuses a callback of another browser's flow, even if the visitor is signed in", async () => {
    const { test, browser } = open();
    await signIn(test, browser);
    const session = browser.jar.get(sessionName);
    const stranger = openBrowser(createAuthHandler({ auth: test.auth }));
    const query = await signInAtProvider(test, stranger);

    const response = await browser.send("GET", `/auth/callback?${query}`);

    expect(response.status).toBe(400);
    expect(await response.text()).toContain("browser_mismatch");
    expect(browser.jar.get(sessionName)).toBe(session);
  });

  it("accepts every callback of an allowed start, and counts only callbacks that find no flow", async () => {
    const { test, limited, counted } = openLimited(3);
    const first = await signInAtProvider(test, limited);
    const second = await signInAtProvider(test, limited);
    const third = await signInAtProvider(test, limited);
    const lost = new URLSearchParams({ code: "c", state: "s".repeat(43) });
    const statuses = [];

    for (const query of [first, lost, lost, lost, lost, second, third])
      statuses.push(
        (
          await limited.send("GET", `/auth/callback?${query}`, {
            headers: { cookie: limited.jar.header() },
          })
        ).status,
      );

    // The visitor is signed in by then, so a lost callback within the limit redirects to the start page.
    expect(statuses).toEqual([303, 303, 303, 303, 429, 303, 303]);
    expect(counted.join(" ")).toBe(
      "login login login callback callback callback callback",
    );
  });
});

describe("createAuthHandler: POST /auth/logout", () => {
  it("ends the session and navigates to the provider's sign-out by a page", async () => {
    const { test, browser } = open();
    await signIn(test, browser);
    const sessionCookie = browser.jar.get(sessionName);

    const response = await browser.send("POST", "/auth/logout");

    const page = await response.clone().text();
    const { Continue: target } = await readLinks(response, "/auth/logout");
    expect(response.status).toBe(200);
    expect(target).toMatch(
      /^https:\/\/login\.test\/organizations\/oauth2\/v2\.0\/logout\?/,
    );
    expect(page).toContain(
      '<noscript><meta http-equiv="refresh" content="0; url=https://login.test/organizations/oauth2/v2.0/logout?',
    );
    expect(response.headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(response.headers.has("clear-site-data")).toBe(false);
    expect(browser.jar.names()).toEqual([]);
    await expect(test.auth.readSession(sessionCookie)).resolves.toBeUndefined();
  });

  it("redirects to the signed-out page by 303 if the provider has no sign-out", async () => {
    const { test, browser } = open({ signedOutPath: "/goodbye" });
    test.identityClient.identityProvider.changeMetadata({
      end_session_endpoint: undefined,
    });
    await signIn(test, browser);

    const response = await browser.send("POST", "/auth/logout");

    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe(`${origin}/goodbye`);
  });

  it("[O2] does not sign out by GET", async () => {
    const { test, browser } = open();
    await signIn(test, browser);

    const response = await browser.send("GET", "/auth/logout");

    expect(response.status).toBe(404);
    expect(await isSignedIn(test, browser)).toBe(true);
  });

  it.each<[string, Sent["headers"]]>([
    ["of our own page", { origin }],
    ["of our own page under no-referrer", { origin: "null" }],
    ["of our own page in an old browser", { ...noMetadata, origin }],
    [
      "of an opaque origin in an old browser",
      { ...noMetadata, origin: "null" },
    ],
    ["without site and origin", noMetadata],
  ])("[N2][N3] accepts a form %s", async (_, headers) => {
    const { test, browser } = open();
    await signIn(test, browser);

    const response = await browser.send("POST", "/auth/logout", {
      headers: { ...headers },
    });

    expect(response.status).toBe(200);
    expect(browser.jar.names()).toEqual([]);
  });

  it.each<[string, Sent["headers"]]>([
    [
      "of another site",
      { "sec-fetch-site": "cross-site", origin: "https://evil.test" },
    ],
    [
      "of a sibling subdomain",
      { "sec-fetch-site": "same-site", origin: "https://blog.app.test" },
    ],
    [
      "of a sibling subdomain under no-referrer",
      { "sec-fetch-site": "same-site", origin: "null" },
    ],
    [
      "of another site in an old browser",
      { ...noMetadata, origin: "https://evil.test" },
    ],
    ["with Sec-Fetch-Site: none", { "sec-fetch-site": "none" }],
    ["with contradicting headers", { origin: "https://evil.test" }],
  ])("[N1] refuses a form %s", async (_, headers) => {
    const { test, browser } = open();
    await signIn(test, browser);

    const response = await browser.send("POST", "/auth/logout", {
      headers: { ...headers },
    });

    expect(response.status).toBe(403);
    expect(await isSignedIn(test, browser)).toBe(true);
  });

  it.each<[string, Sent["headers"]]>([
    ["without site and origin", noMetadata],
    ["of an opaque origin", { ...noMetadata, origin: "null" }],
    ["of our own page", { origin }],
  ])(
    "[N2] removes no cookie and starts no sign-out at the provider for a form %s without the session cookie",
    async (_, headers) => {
      const { browser } = open({ signedOutPath: "/goodbye" });
      await browser.send("GET", "/auth/login");

      const response = await browser.send("POST", "/auth/logout", {
        headers: { ...headers },
      });

      expect(response.status).toBe(303);
      expect(response.headers.get("location")).toBe(`${origin}/goodbye`);
      expect(response.headers.getSetCookie()).toEqual([]);
    },
  );
});

describe("createAuthHandler: GET /auth/me", () => {
  it("returns the active session, as auth.me does", async () => {
    const { test, browser } = open();
    await signIn(test, browser);

    const response = await browser.send("GET", "/auth/me");

    const [sessionId] = browser.jar.get(sessionName)?.split(".") ?? [];
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    await expect(response.json()).resolves.toMatchObject({
      user: { objectId: ada.objectId, name: ada.name },
      session: { id: sessionId },
    });
  });

  it.each([{}, { cookie: `${sessionName}=nonsense` }])(
    "returns null for a visitor who is not signed in: %j",
    async (headers) => {
      const { browser } = open();

      const response = await browser.send("GET", "/auth/me", { headers });

      expect(response.status).toBe(200);
      await expect(response.json()).resolves.toBeNull();
    },
  );

  it("responds with 503, not null, if the database does not respond", async () => {
    const { test } = open();
    const auth = {
      ...test.auth,
      readSession: async () => {
        throw new AuthError("store_unavailable", "The database is down.");
      },
    };
    const browser = openBrowser(createAuthHandler({ auth }));

    const response = await browser.send("GET", "/auth/me", {
      headers: { accept: "application/json" },
    });

    expect(response.status).toBe(503);
    await expect(response.json()).resolves.toMatchObject({
      error: { authCode: "store_unavailable" },
    });
  });
});

describe("createAuthHandler: GET /auth/front-channel-logout", () => {
  const path = `/auth/front-channel-logout?sid=${createProviderSessionId(ada)}`;

  it("ends the sessions of the sid without a cookie, in a frame that only the authority may embed", async () => {
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
      test.auth.readSession(browser.jar.get(sessionName)),
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
      test.auth.readSession(browser.jar.get(sessionName)),
    ).resolves.toBeDefined();
  });

  it("is rate-limited by address if it names no session, and so is the back channel", async () => {
    const { limited } = openLimited(2);
    const statuses = [];

    for (let count = 0; count < 3; count += 1)
      statuses.push((await limited.send("GET", path)).status);
    const form = { logout_token: "a.b.c" };
    const backChannel = "/auth/back-channel-logout";
    const posted = await limited.send("POST", backChannel, { form });

    expect(statuses).toEqual([200, 200, 429]);
    expect(posted.status).toBe(429);
  });

  it("[N10] is counted before it is parsed", async () => {
    const { limited, counted } = openLimited(100);

    const responses = [
      await limited.send(
        "GET",
        `/auth/front-channel-logout?${"a&".repeat(60)}`,
      ),
      await limited.send("POST", "/auth/back-channel-logout", {
        form: `a=${"b".repeat(70_000)}`,
      }),
    ];

    expect(responses.map(({ status }) => status)).toEqual([400, 400]);
    expect(counted).toEqual(["channel_logout", "channel_logout"]);
  });

  it("[N10] ends the session of a known sid after 100 unknown ones from the same address", async () => {
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
    expect(await isSignedIn(test, limited)).toBe(false);
  });

  it.each(["image", "script", "style", "video", "object", ""])(
    "refuses a request for the destination %j",
    async (destination) => {
      const { test, limited } = openLimited(1);
      await signIn(test, limited);
      const headers = {
        "sec-fetch-site": "cross-site",
        "sec-fetch-dest": destination,
      };

      const results = [
        await limited.send("GET", path, { headers }),
        await limited.send("GET", path, { headers }),
      ];

      expect(results.map(({ status }) => status)).toEqual([403, 403]);
      await expect(
        test.auth.readSession(limited.jar.get(sessionName)),
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
        test.auth.readSession(browser.jar.get(sessionName)),
      ).resolves.toBeUndefined();
    },
  );

  it.each(["", "?sid=", "?sid=a&sid=b", "?iss=https://login.test"])(
    "refuses %j, which does not have exactly one sid",
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
      test.auth.readSession(browser.jar.get(sessionName)),
    ).resolves.toBeUndefined();
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ["no token", {}],
    ["an empty token", { logout_token: "" }],
    ["an invalid token", { logout_token: "a.b.c" }],
  ])("responds with 400 for %s", async (_, form) => {
    const { browser } = open();

    const response = await browser.send("POST", "/auth/back-channel-logout", {
      form,
      headers: { accept: "*/*" },
    });

    expect(response.status).toBe(400);
  });

  it("[N10] accepts a valid token over the limit, because the provider signs many users out from few addresses", async () => {
    const { test, limited } = openLimited(1);
    await signIn(test, limited);
    const path = "/auth/back-channel-logout";
    await limited.send("POST", path, { form: { logout_token: "a.b.c" } });

    const response = await limited.send("POST", path, {
      form: { logout_token: await createLogoutToken(test) },
    });

    expect(response.status).toBe(200);
    expect(await isSignedIn(test, limited)).toBe(false);
  });

  it("responds with 503 if the database does not respond, so that the provider tries again", async () => {
    const test = createLaxAuth();
    const auth = {
      ...test.auth,
      endByLogoutToken: async () => {
        throw new AuthError(
          "store_unavailable",
          "The database does not respond.",
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

describe("createAuthHandler: all routes", () => {
  it.each([
    ["GET", "/auth"],
    ["GET", "/auth/"],
    ["GET", "/auth/unknown"],
    ["GET", "/auth/login/x"],
    ["GET", "/auth//login"],
    ["POST", "/auth/callback"],
    ["PUT", "/auth/callback"],
    ["DELETE", "/auth/logout"],
    ["POST", "/auth/me"],
    ["POST", "/auth/front-channel-logout"],
    ["GET", "/auth/back-channel-logout"],
    ["GET", "/auth/__proto__"],
    ["GET", "/auth/constructor"],
    ["GET", "/auth/%6cogin"],
    ["HEAD", "/auth/login"],
    ["HEAD", "/auth/callback"],
    ["HEAD", "/auth/me"],
    ["HEAD", "/auth/front-channel-logout"],
    ["OPTIONS", "/auth/login"],
  ])(
    "[N11] responds with 404 to %s %s, which is below its path and is not a route",
    async (method, path) => {
      const { test, browser } = open();

      const response = await browser.send(method, path);

      expect(response.status).toBe(404);
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(response.headers.getSetCookie()).toEqual([]);
      expect(test.events).toEqual([]);
    },
  );

  it("[N7] does not redeem a code by HEAD", async () => {
    const { test, browser } = open();
    const query = await signInAtProvider(test, browser);

    await browser.send("HEAD", `/auth/callback?${query}`);
    const response = await browser.send("GET", `/auth/callback?${query}`);

    expect(response.status).toBe(303);
    expect(browser.jar.names()).toEqual([sessionName]);
  });

  it.each([
    "/",
    "/authors/login",
    "/x/auth/login",
    "/%61uth/login",
    "//auth/login",
  ])("[N11] leaves %s to the app", async (path) => {
    const { test } = open();

    const response = await createAuthHandler({ auth: test.auth })(
      new Request(`${origin}${path}`),
    );

    expect(response).toBeUndefined();
  });

  const prefetches: readonly Readonly<Record<string, string>>[] = [
    { "sec-purpose": "prefetch" },
    { "sec-purpose": "prefetch;prerender" },
    { "sec-purpose": "prefetch;anonymous-client-ip" },
    { purpose: "prefetch" },
    { purpose: "Prefetch" },
    { "x-moz": "prefetch" },
  ];

  it.each(prefetches)(
    "[N7] does not start, redeem, end or count anything for a prefetch: %j",
    async (headers) => {
      const { test, limited, counted } = openLimited(100);
      await signIn(test, limited);
      const query = await signInAtProvider(test, limited);
      const before = counted.length;
      const cookies = limited.jar.header();
      const sid = createProviderSessionId(ada);
      const started = test.events.length;

      const responses = [
        await limited.send("GET", "/auth/login", { headers }),
        await limited.send("POST", "/auth/login", { headers, form: {} }),
        await limited.send("GET", `/auth/callback?${query}`, { headers }),
        await limited.send("POST", "/auth/logout", { headers }),
        await limited.send("GET", "/auth/me", { headers }),
        await limited.send("GET", `/auth/front-channel-logout?sid=${sid}`, {
          headers,
        }),
      ];

      expect(responses.map(({ status }) => status)).toEqual([
        503, 503, 503, 503, 503, 503,
      ]);
      for (const response of responses) {
        expect(response.headers.get("cache-control")).toBe("no-store");
        expect(response.headers.getSetCookie()).toEqual([]);
      }
      expect(limited.jar.header()).toBe(cookies);
      expect(counted.length).toBe(before);
      expect(test.events.length).toBe(started);
      const real = await limited.send("GET", `/auth/callback?${query}`);
      expect(real.status).toBe(303);
    },
  );

  it("throws at start for an auth with strict cookies, and names the remedy", () => {
    const { auth } = createTestAuth();

    expect(() => createAuthHandler({ auth })).toThrow(
      /createAuth\(\{ sameSite: "lax" \}\).*createChannelSignOutHandler/,
    );
  });

  it.each([
    ["https://app.test/callback", undefined],
    ["https://app.test/auth/callback", "/account"],
    ["https://app.test/auth/done", undefined],
    ["https://app.test/account/auth/callback", undefined],
  ])(
    "throws at start for the redirect URI %s with the base path %s, because it is not the callback route",
    (redirectUri, basePath) => {
      const { auth } = createLaxAuth({ client: { redirectUri } });

      expect(() => createAuthHandler({ auth, basePath })).toThrow(
        /redirect URI/,
      );
    },
  );

  it("accepts a redirect URI with a trailing slash", async () => {
    const { test, browser } = open({
      client: { redirectUri: `${origin}/auth/callback/` },
    });

    const response = await signIn(test, browser);

    expect(response.status).toBe(303);
  });

  it.each(["auth", "/", "", "/a/../b", "/./a", "/a b", "/a?b", "//a", "/%61"])(
    "throws at start for the base path %j",
    (basePath) => {
      const { auth } = createLaxAuth();

      expect(() => createAuthHandler({ auth, basePath })).toThrow(/basePath/);
    },
  );

  it("serves the configured base path, and leaves /auth to the app", async () => {
    const { browser } = open(
      { client: { redirectUri: `${origin}/account/callback` } },
      { basePath: "/account/" },
    );

    const login = await browser.send("GET", "/account/login");
    const other = await browser.send("GET", "/auth/login");
    const refused = await browser.send("GET", "/account/callback?code=c");

    expect([login.status, other.status]).toEqual([303, 418]);
    expect(await readLinks(refused, "/account/callback")).toEqual({
      "Try again": `${origin}/account/login`,
      "Go to the start page": `${origin}/`,
    });
  });

  describe("of an application below a path", () => {
    const below = { appUrl: `${origin}/hr` };
    const name = "__Host-Http-session-hr";

    it.each(["/hr/auth", "/auth"])(
      "signs in and out at %s, whether a proxy strips the path or not",
      async (routes) => {
        const { test, browser } = open(below);
        const query = await signInAtProvider(
          test,
          browser,
          `${routes}/login?returnUrl=/orders`,
        );

        const callback = await browser.send(
          "GET",
          `${routes}/callback?${query}`,
        );
        const signedIn = browser.jar.names();
        const again = await browser.send("GET", `${routes}/callback?${query}`);
        const logout = await browser.send("POST", `${routes}/logout`);
        const signedOut = await browser.send("POST", `${routes}/logout`);

        expect(callback.headers.get("location")).toBe(`${origin}/hr/orders`);
        expect(signedIn).toEqual([name]);
        expect(again.headers.get("location")).toBe(`${origin}/hr/`);
        const { Continue: target = "" } = await readLinks(logout, routes);
        expect(
          new URL(target).searchParams.get("post_logout_redirect_uri"),
        ).toBe(`${origin}/hr/`);
        expect(signedOut.headers.get("location")).toBe(`${origin}/hr/`);
      },
    );

    it("uses its public address in links, at whichever path the request arrived", async () => {
      const { browser } = open(below);

      const response = await browser.send("GET", "/auth/callback?code=c");

      expect(await readLinks(response, "/auth/callback")).toEqual({
        "Try again": `${origin}/hr/auth/login`,
        "Go to the start page": `${origin}/hr/`,
      });
    });

    it.each(["/account", "/hr/account"])(
      "resolves the base path %s below the application's path",
      async (basePath) => {
        const { browser } = open(
          {
            ...below,
            client: { redirectUri: `${origin}/hr/account/callback` },
          },
          { basePath },
        );

        const statuses = [
          (await browser.send("GET", "/hr/account/login")).status,
          (await browser.send("GET", "/account/login")).status,
          (await browser.send("GET", "/hr/auth/login")).status,
        ];

        expect(statuses).toEqual([303, 303, 418]);
      },
    );
  });

  it("[K6] never responds with a status of 500 or more, for any method, path, headers and body", async () => {
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

describe("createAuthHandler: renderError", () => {
  it("renders the app's own page, and adds the status, no-store and the page headers", async () => {
    const { test, browser } = open(
      { onSignIn: () => ({ refuse: "Ask us." }) },
      {
        renderError: ({ error, status, tryAgainUrl, startPage }) =>
          new Response(
            [error.code, error.message, status, tryAgainUrl, startPage].join(
              "|",
            ),
            {
              headers: [
                ["set-cookie", "a=1"],
                ["set-cookie", "b=2"],
              ],
            },
          ),
      },
    );
    const query = await signInAtProvider(
      test,
      browser,
      "/auth/login?returnUrl=/orders",
    );

    const response = await browser.send("GET", `/auth/callback?${query}`);

    const wanted = encodeURIComponent(`${origin}/orders`);
    expect(response.status).toBe(403);
    expect(await response.text()).toBe(
      `sign_in_refused|Ask us.|403|${origin}/auth/login?returnUrl=${wanted}&prompt=select_account|${origin}/`,
    );
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("content-security-policy")).toContain(
      "script-src 'self'",
    );
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.getSetCookie()).toEqual([
      "a=1",
      "b=2",
      expect.stringMatching(/^__Host-Http-flow.*Max-Age=0/),
    ]);
  });

  it("may redirect, and keeps the headers that it sets", async () => {
    const { browser } = open(
      {},
      { renderError: () => Response.redirect(`${origin}/sorry`, 303) },
    );

    const response = await browser.send("GET", "/auth/callback?code=c");

    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe(`${origin}/sorry`);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it.each<[string, () => Response | Promise<Response>]>([
    [
      "throws",
      () => {
        throw new Error("no template");
      },
    ],
    ["rejects", () => Promise.reject(new Error("no template"))],
  ])("is replaced by the default page if it %s", async (_, renderError) => {
    const { browser } = open({}, { renderError });

    const response = await browser.send("GET", "/auth/callback?code=c");

    expect(response.status).toBe(400);
    expect(await response.text()).toContain("invalid_request");
  });

  it("is called for navigations only", async () => {
    let count = 0;
    const renderError = () => {
      count += 1;
      return new Response();
    };
    const { browser } = open({}, { renderError });

    const response = await browser.send("GET", "/auth/callback?code=c", {
      headers: { accept: "*/*" },
    });

    await expect(response.json()).resolves.toHaveProperty("error");
    expect(count).toBe(0);
  });

  it("gets no tryAgainUrl for a request that no link can repeat", async () => {
    const { browser } = open();

    const response = await browser.send("POST", "/auth/logout", {
      headers: { origin: "https://evil.test" },
    });

    expect(await readLinks(response, "/auth/logout")).toEqual({
      "Go to the start page": `${origin}/`,
    });
  });
});

describe("createChannelSignOutHandler", () => {
  it.each([
    ["GET", "/auth/front-channel-logout?sid=x", 200],
    ["GET", "/auth/front-channel-logout/?sid=x", 200],
    ["POST", "/auth/back-channel-logout", 400],
    ["GET", "/auth/me", 200],
    ["HEAD", "/auth/me", 404],
    ["GET", "/auth/back-channel-logout", 404],
    ["GET", "/auth", undefined],
    ["GET", "/auth/login", undefined],
    ["GET", "/auth/callback?code=c", undefined],
    ["POST", "/auth/logout", undefined],
    ["GET", "/auth/unknown", undefined],
  ])(
    "responds to %s %s with %s, and leaves other paths to the app",
    async (method, path, status) => {
      const handle = createChannelSignOutHandler({
        auth: createTestAuth().auth,
      });

      const response = await handle(
        new Request(`${origin}${path}`, { method }),
      );

      expect(response?.status).toBe(status);
    },
  );

  it("serves its routes below the application's path, which a proxy may strip", async () => {
    const { auth } = createTestAuth({ appUrl: `${origin}/hr` });
    const handle = createChannelSignOutHandler({ auth });

    const responses = [
      await handle(new Request(`${origin}/hr/auth/me`)),
      await handle(new Request(`${origin}/auth/me`)),
      await handle(new Request(`${origin}/it/auth/me`)),
    ];

    expect(responses.map((response) => response?.status)).toEqual([
      200,
      200,
      undefined,
    ]);
  });

  it("refuses a prefetch", async () => {
    const handle = createChannelSignOutHandler({ auth: createTestAuth().auth });

    const response = await handle(
      new Request(`${origin}/auth/front-channel-logout?sid=x`, {
        headers: { "sec-purpose": "prefetch" },
      }),
    );

    expect(response?.status).toBe(503);
  });
});
