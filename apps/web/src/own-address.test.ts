import { describe, expect, it } from "vitest";
import { findOwnAddress } from "./own-address.js";

describe("findOwnAddress", () => {
  it.each([
    ["http://localhost:3000", "http://127.0.0.1:3000/", "/"],
    ["https://app.test", "https://www.app.test/account", "/account"],
    ["https://app.test", "http://app.test/a?b=1&b=2#c", "/a?b=1&b=2#c"],
    ["https://app.test:8443", "https://app.test/%C3%BC", "/%C3%BC"],
    ["https://app.test/hr", "https://www.app.test/hr/account", "/hr/account"],
    ["https://app.test/hr", "https://www.app.test/account", "/hr/"],
    ["https://app.test/hr", "https://app.test/account", "/hr/"],
    ["https://app.test/hr", "https://app.test/hrx", "/hr/"],
  ])("returns the page at %s for %s", (appUrl, address, page) => {
    const { origin } = new URL(appUrl);

    expect(findOwnAddress(appUrl, address)).toBe(`${origin}${page}`);
  });

  it.each([
    ["https://app.test", "https://app.test/account?a=b"],
    ["https://app.test/hr", "https://app.test/hr/account"],
    ["https://app.test/hr", "https://app.test/hr"],
    ["https://app.test:443/", "https://app.test/"],
  ])("returns undefined for a page of APP_URL: %s, %s", (appUrl, address) => {
    expect(findOwnAddress(appUrl, address)).toBeUndefined();
  });

  it("returns an address at APP_URL for a path that begins with two slashes", () => {
    const address = findOwnAddress(
      "https://app.test",
      "https://x.test//e.test",
    );

    expect(new URL(address ?? "").origin).toBe("https://app.test");
  });

  it.each(["https://app.test", "https://app.test/hr"])(
    "omits the parameters of a callback at %s",
    (appUrl) => {
      const { pathname } = new URL(`${appUrl}/auth/callback`);
      const address = `https://www.app.test${pathname}?code=c&state=s`;

      expect(findOwnAddress(appUrl, address)).toBe(`${appUrl}/`);
    },
  );

  it.each([undefined, "__APP_URL__"])(
    "returns undefined if no server inserted APP_URL: %s",
    (appUrl) => {
      expect(findOwnAddress(appUrl, "https://app.test/")).toBeUndefined();
    },
  );
});
