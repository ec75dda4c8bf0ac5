import { describe, expect, it } from "vitest";
import type { AuthErrorCode, ProviderError } from "../error.js";
import { createProviderFailure } from "./provider-failure.js";

const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';

function grant(rest: Omit<ProviderError, "error"> = {}): ProviderError {
  return { error: "invalid_grant", ...rest };
}

describe("createProviderFailure", () => {
  it.each<
    [
      field: "suberror" | "aadsts" | "error",
      names: string,
      code: AuthErrorCode,
      message: string,
    ]
  >([
    ["suberror", "cancel", "authorization_denied", "was cancelled at"],
    ["suberror", "consent_required", "consent_required", "needs consent"],
    [
      "suberror",
      "basic_action additional_action user_password_expired interrupted_user ui_not_allowed ux_not_allowed",
      "interaction_required",
      "must sign in again",
    ],
    ["suberror", "message_only", "authorization_denied", "A policy"],
    ["aadsts", "AADSTS50196", "rate_limited", "Wait five minutes"],
    ["aadsts", "AADSTS65004", "authorization_denied", "declined the consent"],
    [
      "aadsts",
      "AADSTS65001 AADSTS90093 AADSTS90094 AADSTS90095 AADSTS90099 AADSTS900941 AADSTS900981",
      "consent_required",
      "needs consent",
    ],
    [
      "aadsts",
      "AADSTS16000 AADSTS50055 AADSTS50058 AADSTS50072 AADSTS50074 AADSTS50076 AADSTS50078 AADSTS50079 AADSTS50097 AADSTS50125 AADSTS50140 AADSTS50144 AADSTS50158 AADSTS50173 AADSTS70043 AADSTS70044",
      "interaction_required",
      "must sign in again",
    ],
    [
      "aadsts",
      "AADSTS50020 AADSTS50034 AADSTS50177 AADSTS51004 AADSTS90072",
      "authorization_denied",
      "does not belong to the organisation",
    ],
    [
      "aadsts",
      "AADSTS50105 AADSTS501051",
      "authorization_denied",
      "not assigned",
    ],
    ["aadsts", "AADSTS50053 AADSTS50057", "authorization_denied", "disabled"],
    [
      "aadsts",
      "AADSTS50129 AADSTS50131 AADSTS53000 AADSTS53001 AADSTS53002 AADSTS53003 AADSTS53004 AADSTS53009 AADSTS53010 AADSTS53011 AADSTS500021 AADSTS500022 AADSTS500212 AADSTS500213 AADSTS530001 AADSTS530002 AADSTS530003 AADSTS530004 AADSTS530021 AADSTS530031 AADSTS530032 AADSTS530034 AADSTS530035",
      "authorization_denied",
      "A policy",
    ],
    ["aadsts", "AADSTS700024", "client_rejected", "Check the server's clock"],
    [
      "aadsts",
      "AADSTS90002 AADSTS900023 AADSTS90038",
      "tenant_not_found",
      "no such tenant",
    ],
    ["error", "invalid_tenant", "tenant_not_found", "no such tenant"],
    ["error", "access_denied", "authorization_denied", "or it was cancelled"],
    ["error", "consent_required", "consent_required", "needs consent"],
    [
      "error",
      "login_required interaction_required account_selection_required",
      "interaction_required",
      "must sign in again",
    ],
    [
      "error",
      "invalid_client unauthorized_client",
      "client_rejected",
      "credential or registration",
    ],
    [
      "error",
      "temporarily_unavailable server_error",
      "identity_provider_unavailable",
      "at the moment",
    ],
    ["error", "invalid_request", "authorization_failed", "the request"],
  ])(
    "translates each %s of %j to %s for an exchange and a refresh",
    (field, names, code, message) => {
      for (const name of names.split(" ")) {
        const provider = { error: "invalid_request", [field]: name };
        for (const operation of ["exchange_code", "acquire_token"] as const)
          expect(createProviderFailure(operation, provider)).toMatchObject({
            code,
            message: expect.stringContaining(message),
            provider,
          });
      }
    },
  );

  it.each([
    ["a used code", "AADSTS54005"],
    ["an unknown code", "AADSTS70000"],
    ["an expired code", "AADSTS70008"],
    ["a wrong code verifier", "AADSTS501481"],
    ["another tenant's code", "AADSTS700005"],
    ["an expired refresh token", "AADSTS700082"],
    ["an expired refresh token of a SPA", "AADSTS700084"],
    ["a malformed code", "AADSTS9002313"],
    ["invalid_grant", undefined],
  ])(
    "translates %s into different codes for an exchange and a refresh",
    (_, aadsts) => {
      const provider =
        aadsts === undefined ? grant() : { error: "invalid_request", aadsts };

      const failures = [
        createProviderFailure("exchange_code", provider),
        createProviderFailure("acquire_token", provider),
      ];

      expect(failures.map(({ code }) => code)).toEqual([
        "code_rejected",
        "interaction_required",
      ]);
    },
  );

  it.each<[ProviderError, AuthErrorCode]>([
    [{ error: "invalid_grant" }, "authorization_failed"],
    [{ error: "login_required" }, "login_required"],
    [{ error: "invalid_request", aadsts: "AADSTS50058" }, "login_required"],
  ])("translates %j of an authorization request to %s", (provider, code) => {
    expect(createProviderFailure("authorize", provider).code).toBe(code);
  });

  it.each<[ProviderError, AuthErrorCode]>([
    [
      grant({ aadsts: "AADSTS1", suberror: "basic_action" }),
      "interaction_required",
    ],
    [
      grant({ aadsts: "AADSTS70043", suberror: "bad_token" }),
      "interaction_required",
    ],
    [
      { error: "interaction_required", aadsts: "AADSTS50105" },
      "authorization_denied",
    ],
  ])(
    "ignores an unknown suberror or number, and prefers a known one to the error: %j",
    (provider, code) => {
      expect(createProviderFailure("exchange_code", provider).code).toBe(code);
    },
  );

  it("prefers the suberror to a contradicting number", () => {
    const provider = grant({ suberror: "basic_action", aadsts: "AADSTS53000" });

    expect(createProviderFailure("exchange_code", provider).code).toBe(
      "interaction_required",
    );
  });

  it("uses the message of the number if the suberror has the same code", () => {
    const provider = grant({ suberror: "message_only", aadsts: "AADSTS50105" });

    expect(createProviderFailure("exchange_code", provider).message).toContain(
      "not assigned",
    );
  });

  it.each(["authorize", "exchange_code", "acquire_token"] as const)(
    "throws rate_limited if the provider has detected a loop (%s)",
    (operation) => {
      const provider = grant({
        aadsts: "AADSTS50196",
        suberror: "basic_action",
      });

      expect(
        createProviderFailure(operation, provider, { claims }),
      ).toMatchObject({
        code: "rate_limited",
        retryAfterSeconds: 300,
        claims: undefined,
        message: expect.stringContaining("Wait five minutes"),
      });
    },
  );

  it.each<[AuthErrorCode, ProviderError, string | undefined]>([
    ["interaction_required", grant({ suberror: "basic_action" }), claims],
    ["consent_required", grant({ suberror: "consent_required" }), claims],
    ["authorization_denied", grant({ aadsts: "AADSTS53003" }), undefined],
    ["code_rejected", grant({ aadsts: "AADSTS54005" }), undefined],
  ])(
    "keeps or drops a claims challenge depending on the code: %s",
    (code, provider, expected) => {
      const failure = createProviderFailure("exchange_code", provider, {
        claims,
      });

      expect([failure.code, failure.claims]).toEqual([code, expected]);
    },
  );

  it("has retryAfterSeconds only with rate_limited", () => {
    expect(
      createProviderFailure("exchange_code", grant()).retryAfterSeconds,
    ).toBeUndefined();
  });

  it("keeps the provider's error and the cause", () => {
    const provider = grant({ aadsts: "AADSTS54005", traceId: "t" });
    const cause = new Error("MSAL's");

    expect(
      createProviderFailure("exchange_code", provider, { cause }),
    ).toMatchObject({ provider, cause });
  });
});
