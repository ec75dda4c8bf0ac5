import { describe, expect, it } from "vitest";
import { createFakeIdentityClient } from "../testing/provider/fake-identity-client.js";
import { createMemoryStores } from "../testing/memory/stores.js";
import { parseSettings } from "./auth-settings.js";
import type { AuthSettings } from "./auth-settings.js";
import type { AuthOptions } from "./options.js";

/** The redirect URI is below `appUrl` unless given. */
function parse(
  changes: Partial<AuthOptions> & { readonly redirectUri?: string } = {},
): AuthSettings {
  const { appUrl = "https://app.test", ...rest } = changes;
  const { redirectUri = `${appUrl.replace(/\/$/, "")}/auth/callback` } =
    changes;
  return parseSettings({
    appUrl,
    identityClient: createFakeIdentityClient({ redirectUri }),
    stores: createMemoryStores(),
    secrets: [],
    ...rest,
  });
}

describe("parseSettings", () => {
  it.each([
    ["https://app.test", "https://app.test"],
    ["https://app.test/", "https://app.test"],
    ["http://localhost:5173", "http://localhost:5173"],
    ["https://app.test/hr", "https://app.test/hr"],
    ["https://app.test/hr/", "https://app.test/hr"],
    ["https://app.test/a/B-1._~", "https://app.test/a/B-1._~"],
  ])("returns for the appUrl %s the address %s", (appUrl, expected) => {
    expect(parse({ appUrl }).shared).toMatchObject({
      appUrl: expected,
      origin: new URL(expected).origin,
      redirectUri: `${expected}/auth/callback`,
    });
  });

  it.each([
    ["", "an http or https URL"],
    ["app.test", "an http or https URL"],
    ["ftp://app.test", "an http or https URL"],
    ["javascript:alert(1)", "an http or https URL"],
    ["https://app.test/hr//x", "an origin"],
    ["https://app.test/a%20b", "an origin"],
    ["https://app.test/a%20b/c", "an origin"],
    ["https://app.test/?x=1", "an origin"],
    ["https://app.test/#x", "an origin"],
    ["https://user@app.test", "an origin"],
    ["https://:secret@app.test", "an origin"],
  ])("throws for the appUrl %j: it must be %s", (appUrl, rule) => {
    expect(() => parse({ appUrl })).toThrow(TypeError);
    expect(() => parse({ appUrl })).toThrow(`appUrl must be ${rule}`);
  });

  it.each([
    "https://other.test/auth/callback",
    "http://app.test/auth/callback",
    "https://app.test.evil.test/auth/callback",
    "/auth/callback",
  ])("throws for the redirect URI %s, which is not below appUrl", (uri) => {
    expect(() => parse({ redirectUri: uri })).toThrow(
      "The redirect URI of the identity client must be below appUrl.",
    );
  });

  it.each([
    ["https://app.test", undefined, "https://app.test/"],
    ["https://app.test", "/goodbye", "https://app.test/goodbye"],
    ["https://app.test/hr", undefined, "https://app.test/hr/"],
    ["https://app.test/hr", "/goodbye", "https://app.test/hr/goodbye"],
    ["https://app.test/hr", "/hr/goodbye", "https://app.test/hr/goodbye"],
    ["https://app.test/hr", "/x/hr/", "https://app.test/hr/x/hr/"],
  ])(
    "returns for %s and the signedOutPath %j the page %s",
    (appUrl, signedOutPath, page) => {
      expect(parse({ appUrl, signedOutPath }).signedOutPage).toBe(page);
    },
  );

  it.each([
    ["https://app.test", ""],
    ["https://app.test", "goodbye"],
    ["https://app.test", ":443/goodbye"],
    ["https://app.test", "@evil.test"],
    ["https://app.test", "//evil.test"],
    ["https://app.test", "/..//evil.test"],
    ["https://app.test/hr", "/../goodbye"],
    ["https://app.test/hr", "/hr/../goodbye"],
  ])("throws for %s and the signedOutPath %j", (appUrl, signedOutPath) => {
    expect(() => parse({ appUrl, signedOutPath })).toThrow(
      "signedOutPath must be a path of the application",
    );
  });

  it("has safe defaults", () => {
    const { shared, sendsIdTokenHint } = parse();

    expect({ ...shared, sendsIdTokenHint }).toMatchObject({
      sameSite: "strict",
      hstsIncludeSubDomains: true,
      clearsStorage: false,
      sendsIdTokenHint: false,
    });
  });

  it("takes over the given options", () => {
    const { shared, sendsIdTokenHint, auditRetentionDays } = parse({
      sameSite: "lax",
      hstsIncludeSubDomains: false,
      signOut: { clearsStorage: true, sendsIdTokenHint: true },
      auditRetentionDays: 30,
    });

    expect({ ...shared, sendsIdTokenHint, auditRetentionDays }).toMatchObject({
      sameSite: "lax",
      hstsIncludeSubDomains: false,
      clearsStorage: true,
      sendsIdTokenHint: true,
      auditRetentionDays: 30,
    });
  });
});
