import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fuzzSeed } from "../../../test/support/fuzz-seed.js";
import { isGuid } from "../identifiers.js";
import { fillIssuer, isTenantAllowed, matchesIssuer } from "./tenant.js";

const parameters = { seed: fuzzSeed, numRuns: 2000 };
const authority = "https://login.microsoftonline.com";
const template = fc.constantFrom(
  `${authority}/{tenantid}/v2.0`,
  "https://sts.windows.net/{tenantid}/",
  "{tenantid}",
);
const guid = fc.uuid();
const tenantText = fc.oneof(
  guid,
  guid.map((id) => id.toUpperCase()),
  guid.map((id) => `${id}/../x`),
  guid.map((id) => ` ${id}`),
  fc.constantFrom("", "common", "{tenantid}", "$&", "$`", "..", "a/b", "*"),
  fc.string({ unit: "binary", maxLength: 40 }),
);

describe("matchesIssuer", () => {
  it("accepts an issuer if and only if it has a tenant ID in place of the placeholder", () => {
    fc.assert(
      fc.property(template, tenantText, (issuer, tenant) => {
        const iss = issuer.split("{tenantid}").join(tenant);

        expect(matchesIssuer(iss, issuer)).toBe(isGuid(tenant));
      }),
      parameters,
    );
  });

  it("accepts the result of fillIssuer for every tenant ID, and no issuer with one changed character", () => {
    fc.assert(
      fc.property(
        template,
        guid,
        fc.nat(),
        fc.string({ unit: "binary", maxLength: 1 }),
        (issuer, id, place, other) => {
          const iss = fillIssuer(issuer, id);
          const index = place % iss.length;
          const altered = `${iss.slice(0, index)}${other}${iss.slice(index + 1)}`;
          fc.pre(altered !== iss);

          expect(matchesIssuer(iss, issuer)).toBe(true);
          // A changed hexadecimal digit makes the issuer of another tenant, which the template also accepts.
          expect(matchesIssuer(altered, iss)).toBe(false);
          expect(matchesIssuer(altered, issuer)).toBe(
            altered.length === iss.length &&
              isGuid(
                altered.slice(issuer.indexOf("{"), issuer.indexOf("{") + 36),
              ) &&
              altered.startsWith(issuer.slice(0, issuer.indexOf("{"))) &&
              altered.endsWith(issuer.slice(issuer.indexOf("}") + 1)),
          );
        },
      ),
      parameters,
    );
  });

  it("compares an issuer without a placeholder exactly, and never throws", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.string({ unit: "binary" }),
        (iss, issuer) => {
          fc.pre(!issuer.includes("{tenantid}"));

          expect(matchesIssuer(iss, issuer)).toBe(iss === issuer);
          expect(matchesIssuer(issuer, issuer)).toBe(true);
        },
      ),
      parameters,
    );
  });
});

describe("isTenantAllowed", () => {
  it("returns false for a tenant that is not listed, for any tenant of the authority", () => {
    fc.assert(
      fc.property(
        guid,
        fc.oneof(guid, fc.constantFrom("organizations", "common", "consumers")),
        fc.array(guid),
        (tenantId, tenant, allowedTenants) => {
          fc.pre(!allowedTenants.includes(tenantId));

          expect(isTenantAllowed(tenantId, { tenant, allowedTenants })).toBe(
            false,
          );
        },
      ),
      parameters,
    );
  });
});
