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
  ])("answers the page of our own origin that %j denotes", (input, page) => {
    expect(parseReturnUrl(input, place)).toBe(page);
  });

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
  ])("[F22] answers the start page for %j, which leads elsewhere", (input) => {
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
    "keeps %j absolute, so that no redirect reads another host in it",
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
    "answers the start page for %j, where the sign-in would start over",
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

  it("reads no longer input either, though the page it denotes has a short address", () => {
    const longest = "./".repeat(1032);

    const pages = [`${longest}x`, `${longest.slice(2)}xx`].map((input) =>
      parseReturnUrl(input, place),
    );

    expect(pages).toEqual([startPage, "https://app.test/xx"]);
  });

  it("answers the start page for a URL of more than 2048 characters", () => {
    const longest = `/${"a".repeat(2047)}`;

    const answers = [longest, `${longest}a`].map((input) =>
      parseReturnUrl(input, place),
    );

    expect(answers).toEqual([`${origin}${longest}`, startPage]);
  });

  it("keeps to the port of our own origin", () => {
    const local = "http://localhost:5173";

    const answers = [
      "/orders",
      "http://localhost:5174/orders",
      "http://localhost/",
    ].map((input) => parseReturnUrl(input, placeOf(local)));

    expect(answers).toEqual([`${local}/orders`, `${local}/`, `${local}/`]);
  });

  it("[F22] never leaves the origin and never throws, whatever the input", () => {
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
        const answer = parseReturnUrl(text, place);

        expect(answer.startsWith(`${origin}/`)).toBe(true);
        expect(new URL(answer).origin).toBe(origin);
        expect(new URL(answer).pathname).not.toMatch(/^\/(\/|auth(\/|$))/i);
      }),
      { numRuns: 2000, seed: 20_260_301 },
    );
  });

  it("answers the same page for its own answer", () => {
    fc.assert(
      fc.property(
        fc.webUrl({ withFragments: true, withQueryParameters: true }),
        (text) => {
          const answer = parseReturnUrl(
            text.replace(/^https?:\/\/[^/?#]*/, ""),
            place,
          );

          expect(parseReturnUrl(answer, place)).toBe(answer);
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
  ])("keeps %j, which is below it", (input, page) => {
    expect(parseReturnUrl(input, below)).toBe(page);
  });

  it.each([
    ["/orders?page=2#row", "https://app.test/hr/orders?page=2#row"],
    ["/hrm", "https://app.test/hr/hrm"],
    ["../../orders", "https://app.test/hr/orders"],
    ["/hr/../payroll", "https://app.test/hr/payroll"],
    ["https:/orders", "https://app.test/hr/orders"],
  ])("puts %j below it, as where a proxy strips the path", (input, page) => {
    expect(parseReturnUrl(input, below)).toBe(page);
  });

  it.each([
    "https://app.test/",
    "https://app.test/payroll",
    "//app.test/payroll",
    "https://app.test/hr/../payroll",
    "https://app.test/hrm",
    "https://relative.invalid/payroll",
    "/.//evil.test",
    "https://app.test//hr/orders",
  ])("returns the start page for %j, which is outside of it", (input) => {
    expect(parseReturnUrl(input, below)).toBe("https://app.test/hr/");
  });

  it.each(["/auth/login", "/hr/auth/login", "https://app.test/hr/AUTH"])(
    "returns the start page for %j, where the sign-in would start over",
    (input) => {
      expect(parseReturnUrl(input, below)).toBe("https://app.test/hr/");
    },
  );

  it("measures the whole address, the path that it adds included", () => {
    const longest = `/${"a".repeat(2044)}`;

    const answers = [longest, `${longest}a`].map((input) =>
      parseReturnUrl(input, below),
    );

    expect(answers).toEqual([
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
    "returns the start page for %j, which lies beside the redirect URI",
    (input) => {
      expect(parseReturnUrl(input, account)).toBe(startPage);
    },
  );

  it.each(["/auth/callback", "/account", "/account/sign-in-help"])(
    "keeps %j, which does not",
    (input) => {
      expect(parseReturnUrl(input, account)).toBe(`${origin}${input}`);
    },
  );

  it.each([
    ["https://app.test", "https://app.test/callback"],
    ["https://app.test/hr", "https://app.test/hr/callback/"],
  ])(
    "excludes that page alone where the redirect URI lies directly below %s",
    (appUrl, redirectUri) => {
      const pages = ["/callback", "/callback/x", "/orders"].map((input) =>
        parseReturnUrl(input, { appUrl, redirectUri }),
      );

      expect(pages).toEqual([`${appUrl}/`, `${appUrl}/`, `${appUrl}/orders`]);
    },
  );
});
