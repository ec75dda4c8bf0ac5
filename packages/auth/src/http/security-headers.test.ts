import { describe, expect, it } from "vitest";
import { createCommonHeaders, createPageHeaders } from "./security-headers.js";

const settings = { origin: "https://app.test", hstsIncludeSubDomains: true };

function readPolicy(styleNonce?: string): ReadonlyMap<string, string> {
  const headers = createPageHeaders({
    settings,
    ...(styleNonce === undefined ? {} : { styleNonce }),
  });
  const directives = headers["content-security-policy"]?.split("; ") ?? [];
  return new Map(
    directives.map((directive): [string, string] => {
      const [name = "", ...sources] = directive.split(" ");
      return [name, sources.join(" ")];
    }),
  );
}

describe("createPageHeaders", () => {
  it("[R20] allows no script but our files, and no inline script or style", () => {
    const policy = readPolicy();

    expect(policy.get("default-src")).toBe("'none'");
    expect(policy.get("script-src")).toBe("'self'");
    expect([...policy.values()].join(" ")).not.toMatch(/unsafe|\*|https?:/);
  });

  it("lets no page frame ours, and no base or form lead elsewhere", () => {
    const policy = readPolicy();

    expect(
      ["frame-ancestors", "base-uri", "form-action"].map((name) =>
        policy.get(name),
      ),
    ).toEqual(["'none'", "'none'", "'self'"]);
    expect(createPageHeaders({ settings })["x-frame-options"]).toBe("DENY");
  });

  it("allows style elements by nonce", () => {
    expect(readPolicy("abc").get("style-src")).toBe("'self' 'nonce-abc'");
    expect(readPolicy().get("style-src")).toBe("'self'");
  });
});

describe("createCommonHeaders", () => {
  it("tells others nothing of the address, and lets nobody guess types", () => {
    expect(createCommonHeaders(settings)).toMatchObject({
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-resource-policy": "same-origin",
    });
  });

  it("[R23] keeps browsers on https, where the application is there", () => {
    expect(createCommonHeaders(settings)["strict-transport-security"]).toBe(
      "max-age=31536000; includeSubDomains",
    );
    expect(
      createCommonHeaders({ ...settings, origin: "http://localhost:3000" }),
    ).not.toHaveProperty("strict-transport-security");
  });

  it("leaves the subdomains out of HSTS where the app says so", () => {
    const headers = createCommonHeaders({
      ...settings,
      hstsIncludeSubDomains: false,
    });

    expect(headers["strict-transport-security"]).toBe("max-age=31536000");
  });
});
