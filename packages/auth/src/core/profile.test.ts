import { describe, expect, it } from "vitest";
import type { IdTokenClaims } from "./id-token.js";
import { readProfile } from "./profile.js";

function createClaims(
  claims: Readonly<Record<string, unknown>> = {},
): IdTokenClaims {
  return {
    iss: "https://login.test/c0a70500-1111-4c0a-8c0a-c0a70500c0a0/v2.0",
    sub: "subject-of-ada",
    aud: "5f1a7c52-7e0b-4d43-9a55-0c6a1e3f2b10",
    exp: 1_772_359_200,
    iat: 1_772_355_600,
    tid: "c0a70500-1111-4c0a-8c0a-c0a70500c0a0",
    oid: "ada00000-0000-4000-8000-000000000001",
    ...claims,
  };
}

describe("readProfile", () => {
  it("needs no more than who the person is", () => {
    expect(readProfile(createClaims())).toStrictEqual({
      profile: {
        tenantId: "c0a70500-1111-4c0a-8c0a-c0a70500c0a0",
        objectId: "ada00000-0000-4000-8000-000000000001",
        subject: "subject-of-ada",
        name: "",
        preferredUsername: undefined,
        email: undefined,
        roles: [],
        groups: [],
      },
      hasGroupOverage: false,
    });
  });

  it("shows the preferred user name where there is no name", () => {
    const claims = { preferred_username: "ada@contoso.test" };

    const names = [{}, { name: "" }, { name: 5 }, { name: "Ada" }].map(
      (name) => readProfile(createClaims({ ...claims, ...name })).profile.name,
    );

    expect(names).toEqual([
      "ada@contoso.test",
      "ada@contoso.test",
      "ada@contoso.test",
      "Ada",
    ]);
  });

  it.each([
    [{ xms_edov: true }, true],
    [{ xms_edov: 1 }, true],
    [{ xms_edov: "1" }, true],
    [{ xms_edov: "true" }, true],
    [{ verified_primary_email: ["ada@contoso.test"] }, true],
    [{}, false],
    [{ xms_edov: false }, false],
    [{ xms_edov: 0 }, false],
    [{ xms_edov: "" }, false],
    [{ xms_edov: [true] }, false],
    [{ email_verified: true }, false],
    [{ verified_primary_email: ["ben@contoso.test"] }, false],
    [{ verified_primary_email: "ada@contoso.test" }, false],
  ])("believes an e-mail address with %j: %s", (voucher, isBelieved) => {
    const claims = createClaims({ email: "ada@contoso.test", ...voucher });

    expect(readProfile(claims).profile.email).toBe(
      isBelieved ? "ada@contoso.test" : undefined,
    );
  });

  it("knows no e-mail address where there is none, whatever is vouched for", () => {
    const claims = createClaims({
      xms_edov: true,
      verified_primary_email: ["ada@contoso.test"],
    });

    expect(readProfile(claims).profile.email).toBeUndefined();
  });

  it.each([
    [{ _claim_names: { groups: "src1" } }, true],
    [{ hasgroups: true }, true],
    [{ hasgroups: "true" }, true],
    [{}, false],
    [{ _claim_names: null }, false],
    [{ _claim_names: "groups" }, false],
    [{ _claim_names: { roles: "src1" } }, false],
    [{ hasgroups: false }, false],
    [{ hasgroups: 1 }, false],
  ])("tells from %j whether the groups were too many: %s", (claims, answer) => {
    expect(readProfile(createClaims(claims)).hasGroupOverage).toBe(answer);
  });
});
