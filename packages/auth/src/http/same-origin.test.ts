import { describe, expect, it } from "vitest";
import { isAuthError } from "../core/error.js";
import {
  isStateChanging,
  requireOwnOrigin,
  requireSameOrigin,
} from "./same-origin.js";
import type { ReadHeader } from "./same-origin.js";

const origin = "https://app.test";
const own = { "x-csrf": "1", origin, "sec-fetch-site": "same-origin" };

function check(
  require: (readHeader: ReadHeader, origin: string) => void,
  headers: Readonly<Record<string, string | undefined>>,
): string {
  const present = new Map(Object.entries(headers));
  try {
    require((name) => present.get(name) ?? null, origin);
    return "accepted";
  } catch (error) {
    return isAuthError(error) ? error.code : String(error);
  }
}

function checkMethod(
  method: string | undefined,
  headers: Readonly<Record<string, string>>,
): string {
  return check((read, own) => requireSameOrigin(read, own, method), headers);
}

describe("requireSameOrigin without x-csrf", () => {
  const events = {
    accept: "text/event-stream",
    "sec-fetch-site": "same-origin",
  };
  const socket = { upgrade: "websocket", origin };

  it.each<[string, Readonly<Record<string, string>>]>([
    ["EventSource of our page", events],
    [
      "EventSource of our page, with other types",
      { ...events, accept: "text/html, text/event-stream;q=0.9" },
    ],
    ["a WebSocket of our page", socket],
    ["a WebSocket in other letter case", { ...socket, upgrade: "WebSocket" }],
    ["a bearer token", { authorization: "Bearer token" }],
    [
      "a bearer token from another site",
      { authorization: "bearer token", origin: "https://evil.test" },
    ],
  ])("accepts a GET of %s", (_, headers) => {
    expect(checkMethod("GET", headers)).toBe("accepted");
  });

  it.each<[string, string | undefined, Readonly<Record<string, string>>]>([
    ["EventSource by another method", "POST", events],
    ["EventSource without a method", undefined, events],
    [
      "EventSource of a sibling",
      "GET",
      { ...events, "sec-fetch-site": "same-site" },
    ],
    [
      "EventSource that the user typed",
      "GET",
      { ...events, "sec-fetch-site": "none" },
    ],
    [
      "EventSource of another origin",
      "GET",
      { ...events, origin: "https://evil.test" },
    ],
    ["EventSource without Fetch Metadata", "GET", { accept: events.accept }],
    [
      "a WebSocket of another origin",
      "GET",
      { ...socket, origin: "https://evil.test" },
    ],
    ["a WebSocket without an origin", "GET", { upgrade: "websocket" }],
    [
      "a WebSocket from another site",
      "GET",
      { ...socket, "sec-fetch-site": "cross-site" },
    ],
    ["another scheme", "GET", { authorization: "Basic YTph" }],
    ["a scheme that begins like it", "GET", { authorization: "Bearers a" }],
  ])("refuses %s", (_, method, headers) => {
    expect(checkMethod(method, headers)).toBe("cross_site_request");
  });
});

describe("requireSameOrigin", () => {
  it.each([
    ["with all three headers", own],
    ["of a GET, where browsers state no origin", { ...own, origin: undefined }],
    [
      "of an old browser without Sec-Fetch-Site",
      { ...own, "sec-fetch-site": undefined },
    ],
    ["of a program that is no browser", { "x-csrf": "1" }],
    ["that a person typed", { ...own, "sec-fetch-site": "none" }],
  ])("accepts a request %s", (_, headers) => {
    expect(check(requireSameOrigin, headers)).toBe("accepted");
  });

  it.each([
    ["without the header", { ...own, "x-csrf": undefined }],
    ["with another value of the header", { ...own, "x-csrf": "true" }],
    ["with the header twice", { ...own, "x-csrf": "1, 1" }],
    [
      "of another site",
      { ...own, origin: "https://evil.test", "sec-fetch-site": "cross-site" },
    ],
    [
      "of another origin, whatever the site",
      { ...own, origin: "https://evil.test" },
    ],
    [
      "of a sibling subdomain",
      {
        ...own,
        origin: "https://blog.app.test",
        "sec-fetch-site": "same-site",
      },
    ],
    [
      "of the same site, whatever the origin",
      { ...own, "sec-fetch-site": "same-site" },
    ],
    [
      "of another site, whatever the origin",
      { ...own, "sec-fetch-site": "cross-site" },
    ],
    [
      "of another site, without an origin",
      { "x-csrf": "1", "sec-fetch-site": "cross-site" },
    ],
    ["of an opaque origin", { ...own, origin: "null" }],
    ["of an empty origin", { ...own, origin: "" }],
    ["of our host on plain http", { ...own, origin: "http://app.test" }],
    ["of another port", { ...own, origin: "https://app.test:8443" }],
    ["of our origin with a slash", { ...own, origin: "https://app.test/" }],
    [
      "of a host name that begins with ours",
      { ...own, origin: "https://app.test.evil.test" },
    ],
    ["of our origin in capitals", { ...own, origin: "HTTPS://APP.TEST" }],
    [
      "of two origins",
      { ...own, origin: "https://app.test, https://evil.test" },
    ],
  ])("[R5] refuses a request %s", (_, headers) => {
    expect(check(requireSameOrigin, headers)).toBe("cross_site_request");
  });
});

describe("requireSameOrigin", () => {
  it("names APP_URL and its origin in the error for a page of another origin", () => {
    const headers = new Map([
      ["x-csrf", "1"],
      ["origin", "http://127.0.0.1:5173"],
    ]);

    const refused = () =>
      requireSameOrigin((name) => headers.get(name), "http://localhost:5173");

    expect(refused).toThrow(/http:\/\/localhost:5173\b.*APP_URL/);
  });
});

describe("requireOwnOrigin", () => {
  type Row = readonly [
    string | undefined,
    string | undefined,
    readonly string[],
  ];
  const other = "https://evil.test";
  const unstated = ["POST unstated"];
  const changing = ["POST", "POST unstated"];
  const everything = ["GET", "HEAD", "OPTIONS", ...changing];
  const safe = ["GET", "HEAD", "OPTIONS"];
  const rows: readonly Row[] = [
    ["same-origin", origin, everything],
    ["same-origin", "null", everything],
    ["same-origin", undefined, everything],
    ["same-origin", other, []],
    ["none", undefined, safe],
    ["none", origin, safe],
    ["same-site", origin, []],
    ["same-site", "null", []],
    ["same-site", "https://blog.app.test", []],
    ["cross-site", undefined, []],
    ["cross-site", origin, []],
    ["cross-site", other, []],
    ["", undefined, []],
    ["anything-new", origin, []],
    [undefined, origin, everything],
    [undefined, other, []],
    [undefined, `${origin}/`, []],
    [undefined, "", []],
    [undefined, `${origin}, ${other}`, []],
    [undefined, "null", [...safe, ...unstated]],
    [undefined, undefined, [...safe, ...unstated]],
  ];

  it.each(rows)(
    "[N1] with Sec-Fetch-Site %j and Origin %j, accepts %j",
    (site, stated, accepted) => {
      const headers = new Map([
        ["sec-fetch-site", site],
        ["origin", stated],
      ]);

      const results = everything.filter((name) => {
        const [method = "", allowance] = name.split(" ");
        const result = check((readHeader) => {
          requireOwnOrigin({
            method,
            readHeader,
            origin,
            allowsUnstated: allowance !== undefined,
          });
        }, Object.fromEntries(headers));
        return result === "accepted";
      });

      expect(results).toEqual(accepted);
    },
  );

  it("names the referrer policy in the error for a request without site and origin", () => {
    const headers = new Map<string, string>();

    const refused = () =>
      requireOwnOrigin({
        method: "DELETE",
        readHeader: (name) => headers.get(name),
        origin,
        allowsUnstated: false,
      });

    expect(refused).toThrow("Referrer-Policy: same-origin");
  });
});

describe("isStateChanging", () => {
  it.each(["POST", "PUT", "PATCH", "DELETE", "get", "CONNECT", ""])(
    "returns true for %j",
    (method) => {
      expect(isStateChanging(method)).toBe(true);
    },
  );

  it.each(["GET", "HEAD", "OPTIONS"])(
    "returns false for the safe method %s",
    (method) => {
      expect(isStateChanging(method)).toBe(false);
    },
  );
});
