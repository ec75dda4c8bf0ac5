import { describe, expect, it } from "vitest";
import { createFakeSigningKey } from "../../testing/provider/fake-signing-key.js";
import {
  consumerTenantId,
  fillIssuer,
  isDomain,
  isTenantAllowed,
  matchesIssuer,
  mayHaveSigned,
  readIssuerTenant,
} from "./tenant.js";

const contoso = "c0a70500-1111-4c0a-8c0a-c0a70500c0a0";
const fabrikam = "fab21ca0-2222-4fab-8fab-fab21ca0fab0";

describe("isDomain", () => {
  it.each([
    ["contoso.test", true],
    [contoso, false],
    ["organizations", false],
    ["common", false],
    ["consumers", false],
  ])("returns for the tenant %s: %s", (tenant, expected) => {
    expect(isDomain(tenant)).toBe(expected);
  });
});

describe("isTenantAllowed", () => {
  it.each([
    ["organizations", contoso, true],
    ["organizations", consumerTenantId, false],
    ["consumers", consumerTenantId, true],
    ["consumers", contoso, false],
    ["common", contoso, true],
    ["common", consumerTenantId, true],
    [contoso, contoso, true],
    [contoso, fabrikam, false],
    [contoso, consumerTenantId, false],
  ])(
    "returns for an authority of %s and the tenant %s: %s",
    (tenant, tenantId, isAllowed) => {
      expect(isTenantAllowed(tenantId, { tenant })).toBe(isAllowed);
    },
  );

  it("allows any tenant for a domain, because the issuer identifies the organisation", () => {
    expect(isTenantAllowed(contoso, { tenant: "contoso.test" })).toBe(true);
  });

  it("allows only the listed tenants, and none for an empty list", () => {
    const rule = { tenant: "organizations", allowedTenants: [contoso] };

    expect(isTenantAllowed(contoso, rule)).toBe(true);
    expect(isTenantAllowed(fabrikam, rule)).toBe(false);
    expect(isTenantAllowed(contoso, { ...rule, allowedTenants: [] })).toBe(
      false,
    );
  });

  it("does not allow a listed tenant that the authority excludes", () => {
    const rule = {
      tenant: "organizations",
      allowedTenants: [consumerTenantId],
    };

    expect(isTenantAllowed(consumerTenantId, rule)).toBe(false);
  });
});

describe("matchesIssuer", () => {
  it("compares an issuer without a template exactly", () => {
    expect(
      matchesIssuer("https://login.test/a/v2.0", "https://login.test/a/v2.0"),
    ).toBe(true);
    expect(
      matchesIssuer("https://login.test/a/v2.0/", "https://login.test/a/v2.0"),
    ).toBe(false);
  });

  it("accepts only a tenant ID in place of the placeholder", () => {
    const template = "https://login.test/{tenantid}/v2.0";

    expect(matchesIssuer(`https://login.test/${contoso}/v2.0`, template)).toBe(
      true,
    );
    expect(matchesIssuer("https://login.test/common/v2.0", template)).toBe(
      false,
    );
    expect(matchesIssuer("https://login.test/undefined/v2.0", template)).toBe(
      false,
    );
    expect(matchesIssuer(template, template)).toBe(false);
    expect(matchesIssuer("", template)).toBe(false);
  });

  it.each([
    `https://evil0.test/${contoso}/v2.0`,
    `https://login.test/${contoso}/v1.0`,
    `http://xlogin.test/${contoso}/v2.0`,
    `https://login.test.${contoso}/v2.0`,
  ])(
    "refuses %s, which has a tenant ID in the right place but differs elsewhere",
    (iss) => {
      const template = "https://login.test/{tenantid}/v2.0";

      expect(matchesIssuer(iss, template)).toBe(false);
    },
  );
});

describe("fillIssuer", () => {
  it("puts the tenant ID in place of the placeholder", () => {
    expect(fillIssuer("https://login.test/{tenantid}/v2.0", contoso)).toBe(
      `https://login.test/${contoso}/v2.0`,
    );
  });
});

describe("readIssuerTenant", () => {
  it("returns the tenant ID in the issuer's path", () => {
    expect(readIssuerTenant(`https://login.test/${contoso}/v2.0`)).toBe(
      contoso,
    );
  });

  it.each([
    "",
    contoso,
    "https://login.test/",
    "https://login.test/common/v2.0",
    `https://login.test/x${contoso}/v2.0`,
    `https://${contoso}.login.test/v2.0`,
  ])("returns undefined for %j, which has no tenant ID in its path", (iss) => {
    expect(readIssuerTenant(iss)).toBeUndefined();
  });
});

describe("mayHaveSigned", () => {
  const iss = `https://login.test/${contoso}/v2.0`;
  const key = {
    key: createFakeSigningKey(0).privateKey,
  } as unknown as Parameters<typeof mayHaveSigned>[0];

  it.each([
    ["without an issuer", undefined, true],
    ["of the same issuer", iss, true],
    ["of the template", "https://login.test/{tenantid}/v2.0", true],
    ["of the consumers", `https://login.test/${consumerTenantId}/v2.0`, false],
    ["of another tenant", `https://login.test/${fabrikam}/v2.0`, false],
    ["of another cloud", `https://login.other.test/${contoso}/v2.0`, false],
  ])("returns for a key %s (%s): %s", (_, issuer, expected) => {
    expect(mayHaveSigned({ ...key, issuer }, { iss })).toBe(expected);
  });
});
