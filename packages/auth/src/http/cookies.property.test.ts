import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fuzzSeed } from "../../test/support/fuzz-seed.js";
import type { FlowId } from "../core/identifiers.js";
import {
  createCookieNames,
  createSessionCookieReader,
  formatCookie,
  formatFlowValue,
  listFlowCookieNames,
  listSurplusFlowCookies,
  parseCookies,
  readBrowserToken,
} from "./cookies.js";

const settings = { appUrl: "https://app.test", sameSite: "strict" } as const;
const names = createCookieNames(settings);
const readSessionCookie = createSessionCookieReader(settings);
const parameters = { seed: fuzzSeed, numRuns: 2000 };

/** Node decodes each byte of a header as one character. */
const byte = fc
  .integer({ min: 0, max: 255 })
  .map((code) => String.fromCharCode(code));
const anything = fc.oneof(
  fc.string({ unit: byte, maxLength: 60 }),
  fc.string({ unit: "binary", maxLength: 60 }),
);
const fragment = fc.oneof(
  fc.constantFrom(
    "=",
    ";",
    "; ",
    ";;",
    " ",
    "\t",
    "\u00a0",
    "\ufeff",
    '"',
    ",",
    "\0",
    names.session,
    names.flowPrefix,
    "session",
    "__proto__",
    "x",
    "__host-http-session",
    "constructor",
    "$Version=1",
    "%3D",
    "%3B",
  ),
  fc.string({ unit: byte, maxLength: 4 }),
);
const header = fc.oneof(
  anything,
  fc.array(fragment, { maxLength: 30 }).map((parts) => parts.join("")),
  fc
    .tuple(fragment, fc.integer({ min: 500, max: 5000 }))
    .map(([text, count]) => `${text}=x;`.repeat(count)),
);
/** RFC 6265 §4.1.1. */
const cookieName = fc.oneof(
  fc.constantFrom("__proto__", "constructor", "toString", names.session),
  fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}$/),
);
const cookieValue = fc.stringMatching(/^[!#-+--:<-[\]-~]{0,30}$/);

describe("parseCookies with any header", () => {
  it("returns only names and values that are in the header", () => {
    fc.assert(
      fc.property(header, (text) => {
        const parts = text
          .split(";")
          .map((part) => part.replace(/^[ \t]+|[ \t]+$/g, ""));

        const cookies = parseCookies(text);

        for (const [name, value] of cookies) {
          expect(name).not.toMatch(/[=;]/);
          expect(
            parts.some((part) => part.startsWith(name) && part.endsWith(value)),
          ).toBe(true);
        }
      }),
      parameters,
    );
  });

  it("returns what was written, and the first of two cookies with one name", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(cookieName, cookieValue)), (pairs) => {
        const text = pairs.map((pair) => pair.join("=")).join("; ");

        // Later entries of a map win, so the last to be set is the first that was written.
        expect([...parseCookies(text)].toSorted()).toEqual(
          [...new Map(pairs.toReversed())].toSorted(),
        );
      }),
      parameters,
    );
  });

  it("reads back what formatCookie writes", () => {
    fc.assert(
      fc.property(cookieName, cookieValue, fc.nat(), (name, value, seconds) => {
        const [pair = ""] = formatCookie(names, name, value, seconds).split(
          ";",
        );

        expect([...parseCookies(pair)]).toEqual([[name, value]]);
      }),
      parameters,
    );
  });
});

describe("createSessionCookieReader with any other cookies", () => {
  const token = `${"i".repeat(22)}.${"s".repeat(43)}`;
  // Only blanks and tabs are white space to a browser. It does not enforce the rules of the prefix for a name that
  // begins with any other white space.
  const isNamedLikeOurs = (text: string) =>
    text.replace(/^[ \t]+|[ \t]+$/g, "") === names.session;
  const foreign = fc
    .tuple(
      fc
        .oneof(
          fc.constantFrom(
            ...["\u00a0", "\ufeff", "\u2003", "x", "-", "\u000b"].flatMap(
              (mark) => [`${mark}${names.session}`, `${names.session}${mark}`],
            ),
            "",
            names.session.toLowerCase(),
            "session",
            "__Host-session",
          ),
          fc.string({ unit: byte, maxLength: 20 }),
        )
        .filter((name) => !/[;=]/.test(name) && !isNamedLikeOurs(name)),
      fc
        .oneof(
          fc.constantFrom(
            `${names.session}=${token}`,
            `"x, ${names.session}=${token}"`,
            `, ${names.session}=${token}`,
            `%3B ${names.session}=${token}`,
            `\r\n${names.session}=${token}`,
          ),
          fc.string({ unit: byte, maxLength: 30 }),
        )
        .filter((value) => !value.includes(";")),
    )
    .map((pair) => pair.join("="));
  const others = fc
    .array(foreign, { maxLength: 10 })
    .map((pairs) => pairs.join("; "));

  it("finds no session cookie among cookies with other names, whatever their values are", () => {
    fc.assert(
      fc.property(others, (text) => {
        expect(readSessionCookie(text)).toBeUndefined();
      }),
      { ...parameters, numRuns: 4000 },
    );
  });

  it("finds the session cookie whatever is before and after it", () => {
    fc.assert(
      fc.property(others, others, (before, behind) => {
        const text = `${before}; ${names.session}=${token}; ${behind}`;

        expect(readSessionCookie(text)).toBe(token);
      }),
      parameters,
    );
  });
});

describe("the flow cookies with any header", () => {
  it("are listed by their full names, and no more than a header has room for", () => {
    fc.assert(
      fc.property(header, fc.nat({ max: 20 }), (text, alreadySet) => {
        const cookies = parseCookies(text);
        const all = listFlowCookieNames(names, cookies);
        const surplus = listSurplusFlowCookies(names, cookies, alreadySet);

        expect(all.every((name) => name.startsWith(names.flowPrefix))).toBe(
          true,
        );
        expect(all).toEqual(expect.arrayContaining([...surplus]));
        expect(surplus.length).toBeLessThanOrEqual(60);
      }),
      parameters,
    );
  });

  it("yield a browser token only if they have the format that we set", () => {
    const browserToken = fc.stringMatching(/^[A-Za-z0-9_-]{43}$/);
    const instant = fc.date({
      min: new Date(0),
      max: new Date("9999-01-01"),
      noInvalidDate: true,
    });
    const flowId = "flow" as FlowId;
    const read = (value: string) =>
      readBrowserToken(
        names,
        new Map([[`${names.flowPrefix}flow`, value]]),
        flowId,
      );

    fc.assert(
      fc.property(browserToken, instant, anything, (token, now, text) => {
        const value = formatFlowValue(token, now);

        expect(read(value)).toBe(token);
        expect(read(`${value}${text}x`)).toBeUndefined();
        expect(read(`${text}.${value}`)).toBeUndefined();
        expect(read(text)).toBeUndefined();
      }),
      parameters,
    );
  });
});
