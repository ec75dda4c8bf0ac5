import { describe, expect, it } from "vitest";
import type { IdTokenClaims } from "../token/id-token.js";
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
  it("requires only the claims that identify the user", () => {
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

  it("uses the preferred user name if there is no name", () => {
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
    [{ verified_primary_email: ["x@contoso.test", "ADA@Contoso.test"] }, true],
    [{}, false],
    [{ xms_edov: false }, false],
    [{ xms_edov: 0 }, false],
    [{ xms_edov: "" }, false],
    [{ xms_edov: [true] }, false],
    [{ email_verified: true }, false],
    [{ verified_primary_email: ["ben@contoso.test"] }, false],
    [{ verified_primary_email: "ada@contoso.test" }, false],
  ])(
    "[U3] accepts an e-mail address with %j: %s",
    (confirmation, isAccepted) => {
      const claims = createClaims({
        email: "ada@contoso.test",
        ...confirmation,
      });

      expect(readProfile(claims).profile.email).toBe(
        isAccepted ? "ada@contoso.test" : undefined,
      );
    },
  );

  it("accepts a verified address in another letter case, and keeps the spelling of the email claim", () => {
    const claims = createClaims({
      email: "Ada@Contoso.Test",
      verified_primary_email: ["ada@contoso.test"],
    });

    expect(readProfile(claims).profile.email).toBe("Ada@Contoso.Test");
  });

  it("ignores an address that is too long to be stored", () => {
    const email = `${"a".repeat(600)}@contoso.test`;
    const claims = createClaims({ email, xms_edov: true });

    expect(readProfile(claims).profile.email).toBeUndefined();
  });

  it("reads roles and groups from a single string", () => {
    const claims = createClaims({ roles: "Admin", groups: "group-1" });

    expect(readProfile(claims).profile).toMatchObject({
      roles: ["Admin"],
      groups: ["group-1"],
    });
  });

  it.each([
    ["", []],
    [5, []],
    [{ Admin: true }, []],
    [["A", 5, null, ""], ["A"]],
  ])("reads the claim roles %j as %j", (roles, expected) => {
    expect(readProfile(createClaims({ roles })).profile.roles).toEqual(
      expected,
    );
  });

  it("truncates a name of 511 letters and an emoji before the emoji, not inside it", () => {
    const name = `${"a".repeat(511)}😀`;

    const { profile } = readProfile(
      createClaims({ name, preferred_username: name, roles: [name] }),
    );

    expect([profile.name, profile.preferredUsername, ...profile.roles]).toEqual(
      Array.from({ length: 3 }, () => "a".repeat(511)),
    );
  });

  it.each([
    { xms_edov: true },
    { verified_primary_email: ["ada@contoso.test"] },
  ])(
    "returns no e-mail address without the email claim, even with %j",
    (claims) => {
      expect(readProfile(createClaims(claims)).profile.email).toBeUndefined();
    },
  );

  it.each([
    [{ _claim_names: { groups: "src1" } }, true],
    [{ hasgroups: true }, true],
    [{ hasgroups: "true" }, true],
    [{ "groups:src1": { endpoint: "https://graph.test" } }, true],
    [{}, false],
    [{ _claim_names: null }, false],
    [{ _claim_names: "groups" }, false],
    [{ _claim_names: { roles: "src1" } }, false],
    [{ hasgroups: false }, false],
    [{ hasgroups: 1 }, false],
  ])(
    "reads from %j whether the user has too many groups: %s",
    (claims, expected) => {
      expect(readProfile(createClaims(claims)).hasGroupOverage).toBe(expected);
    },
  );
});
