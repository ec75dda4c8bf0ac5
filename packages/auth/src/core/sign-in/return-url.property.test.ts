import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fuzzSeed } from "../../../test/support/fuzz-seed.js";
import { parseReturnUrl } from "./return-url.js";
import type { ReturnUrlPlace } from "./return-url.js";

const origins = [
  "https://app.test",
  "https://app.test:8443",
  "http://localhost:5173",
  "http://[::1]:3000",
] as const;

const dangerous = fc.constantFrom(
  ..."/ // /// /\\ \\\\ \\/ /. /.. /.// /..// . .. ; ? # @ : & = % %2f %2F %5c %5C %2e %00 %0d%0a %09 %40".split(
    " ",
  ),
  "\t",
  "\n",
  "\r",
  "\r\n",
  "\0",
  "\u000b",
  "\u001f",
  " ",
  "\u00a0",
  // Characters that normalisation may turn into a dot, a slash or an `@`.
  "\u3002",
  "\uff0e",
  "\uff61",
  "\u2024",
  "\uff0f",
  "\u2044",
  "\u2215",
  "\uff3c",
  "\uff20",
  "\ufe6b",
  "\u2100",
  "\u00ad",
  "\u200b",
  "\ufeff",
  "\ud800",
  "\udc00",
  "\u202e",
  "\u0130",
  "\ufb00",
  "\u{1f600}",
  "http:",
  "https:",
  "HTTPS:",
  "hTtP:",
  "ws:",
  "ftp:",
  "file:",
  "blob:",
  // As `URL.createObjectURL` returns it: its origin is ours, but it is not a page.
  ...origins.map((own) => `blob:${own}/id`),
  "javascript:",
  "JaVaScRiPt:",
  "java\tscript:",
  "data:text/html,",
  "vbscript:",
  "about:blank",
  "view-source:",
  "filesystem:",
  "mailto:",
  "app.test",
  "APP.TEST",
  "app.test.",
  "app.test:443",
  "app.test:8443",
  "localhost:5173",
  "[::1]",
  "[::1]:3000",
  "[::ffff:127.0.0.1]",
  "[v1.x]",

  "evil.test",
  "app.test.evil.test",
  "xn--app-0ra.test",
  "0x7f.1",
  "2130706433",
  "user@",
  "user:password@",
  "app.test@",
  ":@",
  "%40evil.test",
  "auth",
  "AUTH",
  "/auth/callback",
  "orders",
  "a=b",
  "%61uth",
);
const long = fc
  .tuple(
    fc.constantFrom("a", "/", "\\", "\u00fc", "%", "../", "@", "\u{1f600}"),
    fc.integer({ min: 100, max: 2100 }),
  )
  .map(([text, count]) => text.repeat(count));
const input = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
  fc.webPath(),
  fc
    .array(
      fc.oneof(
        { weight: 8, arbitrary: dangerous },
        { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 4 }) },
        { weight: 1, arbitrary: fc.constantFrom(...origins) },
        { weight: 1, arbitrary: fc.webAuthority({ withUserInfo: true }) },
      ),
      { maxLength: 10 },
    )
    .map((parts) => parts.join("")),
  fc.tuple(dangerous, long).map((parts) => parts.join("")),
);
const origin = fc.constantFrom(...origins);
const parameters = { seed: fuzzSeed, numRuns: 4000 };

function placeOf(appUrl: string): ReturnUrlPlace {
  return { appUrl, redirectUri: `${appUrl}/auth/callback` };
}

describe("parseReturnUrl, for any input", () => {
  it("returns a URL that begins with the application's origin, in printable ASCII", () => {
    fc.assert(
      fc.property(input, origin, (text, own) => {
        const page = parseReturnUrl(text, placeOf(own));

        // Compared as text, because the URL parser is part of what is tested.
        expect(page.slice(0, own.length + 1)).toBe(`${own}/`);
        expect(page).toMatch(/^[!-~]+$/);
      }),
      parameters,
    );
  });

  it("[F21] returns a URL on the application's origin, from whichever page the browser is redirected", () => {
    const places = fc.constantFrom(
      "https://evil.test/a/b",
      "https://app.test/auth/login",
      "http://localhost:5173/trpc/auth.callback",
    );

    fc.assert(
      fc.property(input, origin, places, (text, own, place) => {
        const location = new Headers({
          location: parseReturnUrl(text, placeOf(own)),
        });

        const target = new URL(location.get("location") ?? "", place);
        expect(target.origin).toBe(own);
        expect([target.username, target.password]).toEqual(["", ""]);
        expect(target.pathname).not.toMatch(/^\/(\/|auth(\/|$))/i);
      }),
      parameters,
    );
  });

  it("returns its own result unchanged", () => {
    fc.assert(
      fc.property(input, origin, (text, own) => {
        const page = parseReturnUrl(text, placeOf(own));

        expect(parseReturnUrl(page, placeOf(own))).toBe(page);
      }),
      parameters,
    );
  });

  it("stays below the application's path", () => {
    fc.assert(
      fc.property(input, origin, (text, own) => {
        const page = parseReturnUrl(text, placeOf(`${own}/hr`));

        expect(page).toMatch(/^[^?#]*\/hr([/?#]|$)/);
        expect(new URL(page).pathname).toMatch(/^\/hr(\/(?!auth(\/|$))|$)/i);
        expect(parseReturnUrl(page, placeOf(`${own}/hr`))).toBe(page);
      }),
      parameters,
    );
  });
});
