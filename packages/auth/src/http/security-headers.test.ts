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
  it("[R20] allows only our own script files, and no inline script or style", () => {
    const policy = readPolicy();

    expect(policy.get("default-src")).toBe("'none'");
    expect(policy.get("script-src")).toBe("'self'");
    expect([...policy.values()].join(" ")).not.toMatch(/unsafe|\*|https?:/);
  });

  it("forbids framing, base elements, and forms to other origins", () => {
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
  it("sets nosniff and no-referrer", () => {
    expect(createCommonHeaders(settings)).toMatchObject({
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-resource-policy": "same-origin",
    });
  });

  it("[R23] sets HSTS for an https application only", () => {
    expect(createCommonHeaders(settings)["strict-transport-security"]).toBe(
      "max-age=31536000; includeSubDomains",
    );
    expect(
      createCommonHeaders({ ...settings, origin: "http://localhost:3000" }),
    ).not.toHaveProperty("strict-transport-security");
  });

  it("omits includeSubDomains if the app disables it", () => {
    const headers = createCommonHeaders({
      ...settings,
      hstsIncludeSubDomains: false,
    });

    expect(headers["strict-transport-security"]).toBe("max-age=31536000");
  });
});
