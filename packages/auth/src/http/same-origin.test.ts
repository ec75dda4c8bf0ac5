import { describe, expect, it } from "vitest";
import { isAuthError } from "../core/error.js";
import { requireOwnForm, requireSameOrigin } from "./same-origin.js";

const origin = "https://app.test";
const own = { "x-csrf": "1", origin, "sec-fetch-site": "same-origin" };

function check(
  require: typeof requireSameOrigin,
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

describe("requireSameOrigin", () => {
  it.each([
    ["with all three headers", own],
    ["of a GET, where browsers state no origin", { ...own, origin: undefined }],
    [
      "of an old browser, which says nothing of the site",
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
      "of a name that ours begins",
      { ...own, origin: "https://app.test.evil.test" },
    ],
    ["of our origin in capitals", { ...own, origin: "HTTPS://APP.TEST" }],
    [
      "of two origins",
      { ...own, origin: "https://app.test, https://evil.test" },
    ],
  ])("refuses a request %s", (_, headers) => {
    expect(check(requireSameOrigin, headers)).toBe("cross_site_request");
  });
});

describe("requireOwnForm", () => {
  it.each([
    ["of our own page", { "sec-fetch-site": "same-origin", origin }],
    [
      "of our own page under our referrer policy",
      { "sec-fetch-site": "same-origin", origin: "null" },
    ],
    ["of our own page in an old browser", { origin }],
  ])("accepts a form %s", (_, headers) => {
    expect(check(requireOwnForm, headers)).toBe("accepted");
  });

  it.each([
    [
      "of another site",
      { "sec-fetch-site": "cross-site", origin: "https://evil.test" },
    ],
    [
      "of a sibling subdomain",
      { "sec-fetch-site": "same-site", origin: "https://blog.app.test" },
    ],
    ["that lies about its origin", { "sec-fetch-site": "cross-site", origin }],
    ["of another site in an old browser", { origin: "https://evil.test" }],
    ["of an opaque origin in an old browser", { origin: "null" }],
    ["that nobody vouches for", {}],
    ["that a person typed", { "sec-fetch-site": "none", origin }],
  ])("refuses a form %s", (_, headers) => {
    expect(check(requireOwnForm, headers)).toBe("cross_site_request");
  });
});
