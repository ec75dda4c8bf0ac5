import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseReturnUrl } from "./return-url.js";
import type { ReturnUrlPlace } from "./return-url.js";

const origin = "https://app.test";
const startPage = "https://app.test/";
const place = placeOf(origin);

function placeOf(appUrl: string): ReturnUrlPlace {
  return { appUrl, redirectUri: `${appUrl}/auth/callback` };
}

describe("parseReturnUrl", () => {
  it.each([
    ["/orders", "https://app.test/orders"],
    ["/orders?page=2#row-7", "https://app.test/orders?page=2#row-7"],
    ["orders", "https://app.test/orders"],
    ["./orders", "https://app.test/orders"],
    ["../../orders", "https://app.test/orders"],
    ["?page=2", "https://app.test/?page=2"],
    ["#top", "https://app.test/#top"],
    ["https://app.test/orders", "https://app.test/orders"],
    ["HTTPS://APP.TEST/Orders", "https://app.test/Orders"],
    ["https://app.test:443/orders", "https://app.test/orders"],
    ["https:evil.test/", "https://app.test/evil.test/"],
    ["/authors", "https://app.test/authors"],
    ["/orders/auth/7", "https://app.test/orders/auth/7"],
    [
      "/search?next=https://evil.test",
      "https://app.test/search?next=https://evil.test",
    ],
  ])(
    "returns the page of the application's origin that %j denotes",
    (input, page) => {
      expect(parseReturnUrl(input, place)).toBe(page);
    },
  );

  it.each([
    undefined,
    "",
    "//evil.test",
    "///evil.test",
    "////evil.test/x",
    "/\\evil.test",
    "\\\\evil.test",
    "\\/evil.test",
    "/\t/evil.test",
    "/\n/evil.test",
    "/\r\n/evil.test",
    "\t//evil.test",
    " //evil.test",
    "\u0000//evil.test",
    "ht\ntps://evil.test",
    "https:/\\evil.test",
    "https://evil.test",
    "HtTpS://EvIl.TeSt",
    "https://app.test.evil.test",
    "https://app.test@evil.test",
    "https://app.test%40evil.test",
    "https://app.test:pass@evil.test",
    "https://evil.test#@app.test",
    "https://evil.test\\@app.test",
    "https://user@app.test/",
    "https://user:secret@app.test/",
    "https://:secret@app.test/",
    "https://app.test:8443/",
    "https://www.app.test/",
    "https://test/",
    "http://app.test/",
    "//evil。test",
    "https://evil．test",
    "https://app.test。evil.test",
    "https://ⓐpp.test.evil.test",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\nscript:alert(1)",
    "javascript://app.test/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "ftp://app.test/",
    "ws://app.test/",
    "blob:https://app.test/0b1c2d3e-0000-4000-8000-000000000000",
    "filesystem:https://app.test/temporary/x.html",
    "about:blank",
    "mailto:ada@app.test",
    "https://",
    "https://[::1",
    "http:",
    "//",
  ])("[F22] returns the start page for %j, which leads elsewhere", (input) => {
    expect(parseReturnUrl(input, place)).toBe(startPage);
  });

  it.each([
    ["/%2f/evil.test", "https://app.test/%2f/evil.test"],
    ["/%2fevil.test", "https://app.test/%2fevil.test"],
    ["/%5cevil.test", "https://app.test/%5cevil.test"],
    ["/%09/evil.test", "https://app.test/%09/evil.test"],
    ["%2f%2fevil.test", "https://app.test/%2f%2fevil.test"],
    ["/@evil.test", "https://app.test/@evil.test"],
    [
      "/orders%0d%0aSet-Cookie:%20a=b",
      "https://app.test/orders%0d%0aSet-Cookie:%20a=b",
    ],
  ])(
    "returns an absolute URL for %j, which a redirect could read as another host",
    (input, page) => {
      expect(parseReturnUrl(input, place)).toBe(page);
    },
  );

  it.each([
    "/auth",
    "/auth/",
    "/auth/callback",
    "/AUTH/callback?code=1&state=2",
    "//app.test/auth/callback",
    "/x/../auth/login",
    "/.//auth/callback",
    "https://app.test/auth/callback",
  ])(
    "returns the start page for %j, where the sign-in would restart",
    (input) => {
      expect(parseReturnUrl(input, place)).toBe(startPage);
    },
  );

  it.each([
    "/.//evil.test",
    "/..//evil.test",
    "https://app.test//evil.test",
    "https://app.test//",
    "/x/..//evil.test",
    ".//evil.test",
    "/.//auth/callback",
  ])(
    "returns the start page for %j, whose path begins with two slashes once it is parsed",
    (input) => {
      expect(parseReturnUrl(input, place)).toBe(startPage);
    },
  );

  it("returns the start page for a longer input, even if the page has a short URL", () => {
    const longest = "./".repeat(1032);

    const pages = [`${longest}x`, `${longest.slice(2)}xx`].map((input) =>
      parseReturnUrl(input, place),
    );

    expect(pages).toEqual([startPage, "https://app.test/xx"]);
  });

  it("returns the start page for a URL of more than 2048 characters", () => {
    const longest = `/${"a".repeat(2047)}`;

    const pages = [longest, `${longest}a`].map((input) =>
      parseReturnUrl(input, place),
    );

    expect(pages).toEqual([`${origin}${longest}`, startPage]);
  });

  it("returns the start page for another port", () => {
    const local = "http://localhost:5173";

    const pages = [
      "/orders",
      "http://localhost:5174/orders",
      "http://localhost/",
    ].map((input) => parseReturnUrl(input, placeOf(local)));

    expect(pages).toEqual([`${local}/orders`, `${local}/`, `${local}/`]);
  });

  it("[F22] never leaves the origin and never throws for any input", () => {
    const fragment = fc.oneof(
      fc.constantFrom(
        "/",
        "//",
        "\\",
        ".",
        "..",
        "@",
        ":",
        "%2f",
        "%5c",
        "\t",
        "\n",
        "#",
        "?",
        "https:",
        "http:",
        "javascript:",
        "blob:",
        "blob:https://app.test/",
        "data:",
        "app.test",
        "evil.test",
        "。",
        "\u2028",
        "[",
        "]",
        "auth",
        "\ud800",
      ),
      fc.string({ unit: "binary", maxLength: 5 }),
    );
    const input = fc.oneof(
      fc.webUrl(),
      fc.array(fragment, { maxLength: 12 }).map((parts) => parts.join("")),
    );

    fc.assert(
      fc.property(input, (text) => {
        const page = parseReturnUrl(text, place);

        expect(page.startsWith(`${origin}/`)).toBe(true);
        expect(new URL(page).origin).toBe(origin);
        expect(new URL(page).pathname).not.toMatch(/^\/(\/|auth(\/|$))/i);
      }),
      { numRuns: 2000, seed: 20_260_301 },
    );
  });

  it("returns its own result unchanged", () => {
    fc.assert(
      fc.property(
        fc.webUrl({ withFragments: true, withQueryParameters: true }),
        (text) => {
          const page = parseReturnUrl(
            text.replace(/^https?:\/\/[^/?#]*/, ""),
            place,
          );

          expect(parseReturnUrl(page, place)).toBe(page);
        },
      ),
      { seed: 20_260_301 },
    );
  });
});

describe("parseReturnUrl for an application below a path", () => {
  const below = placeOf("https://app.test/hr");

  it.each([
    [undefined, "https://app.test/hr/"],
    ["", "https://app.test/hr/"],
    ["/", "https://app.test/hr/"],
    ["/hr", "https://app.test/hr"],
    ["/hr/orders?page=2#row", "https://app.test/hr/orders?page=2#row"],
    ["https://app.test/hr/orders", "https://app.test/hr/orders"],
    ["?page=2", "https://app.test/hr/?page=2"],
    ["orders", "https://app.test/hr/orders"],
  ])("returns the page for %j, which is below that path", (input, page) => {
    expect(parseReturnUrl(input, below)).toBe(page);
  });

  it.each([
    ["/orders?page=2#row", "https://app.test/hr/orders?page=2#row"],
    ["/hrm", "https://app.test/hr/hrm"],
    ["../../orders", "https://app.test/hr/orders"],
    ["/hr/../payroll", "https://app.test/hr/payroll"],
    ["https:/orders", "https://app.test/hr/orders"],
  ])(
    "resolves %j below that path, because a proxy may strip it",
    (input, page) => {
      expect(parseReturnUrl(input, below)).toBe(page);
    },
  );

  it.each([
    "https://app.test/",
    "https://app.test/payroll",
    "//app.test/payroll",
    "https://app.test/hr/../payroll",
    "https://app.test/hrm",
    "https://relative.invalid/payroll",
    "/.//evil.test",
    "https://app.test//hr/orders",
  ])("returns the start page for %j, which is outside that path", (input) => {
    expect(parseReturnUrl(input, below)).toBe("https://app.test/hr/");
  });

  it.each(["/auth/login", "/hr/auth/login", "https://app.test/hr/AUTH"])(
    "returns the start page for %j, where the sign-in would restart",
    (input) => {
      expect(parseReturnUrl(input, below)).toBe("https://app.test/hr/");
    },
  );

  it("limits the length including the added path", () => {
    const longest = `/${"a".repeat(2044)}`;

    const pages = [longest, `${longest}a`].map((input) =>
      parseReturnUrl(input, below),
    );

    expect(pages).toEqual([
      `https://app.test/hr${longest}`,
      "https://app.test/hr/",
    ]);
  });
});

describe("parseReturnUrl with a redirect URI of the application's choice", () => {
  const account = {
    appUrl: origin,
    redirectUri: "https://app.test/account/sign-in/done",
  };

  it.each(["/account/sign-in", "/account/sign-in/start", "/Account/Sign-In/x"])(
    "returns the start page for %j, which is in the folder of the redirect URI",
    (input) => {
      expect(parseReturnUrl(input, account)).toBe(startPage);
    },
  );

  it.each(["/auth/callback", "/account", "/account/sign-in-help"])(
    "returns the page for %j, which is not in that folder",
    (input) => {
      expect(parseReturnUrl(input, account)).toBe(`${origin}${input}`);
    },
  );

  it.each([
    ["https://app.test", "https://app.test/callback"],
    ["https://app.test/hr", "https://app.test/hr/callback/"],
  ])(
    "excludes only the redirect URI if it is directly below %s",
    (appUrl, redirectUri) => {
      const pages = ["/callback", "/callback/x", "/orders"].map((input) =>
        parseReturnUrl(input, { appUrl, redirectUri }),
      );

      expect(pages).toEqual([`${appUrl}/`, `${appUrl}/`, `${appUrl}/orders`]);
    },
  );
});
