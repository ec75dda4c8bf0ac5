import { describe, expect, it } from "vitest";
import type { AuthErrorCode, ProviderError } from "../error.js";
import { createProviderFailure } from "./provider-failure.js";

const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';

function grant(rest: Omit<ProviderError, "error"> = {}): ProviderError {
  return { error: "invalid_grant", ...rest };
}

describe("createProviderFailure", () => {
  it.each<[string, ProviderError, AuthErrorCode, AuthErrorCode]>([
    [
      "a used code",
      grant({ aadsts: "AADSTS54005" }),
      "code_rejected",
      "interaction_required",
    ],
    [
      "an expired code",
      grant({ aadsts: "AADSTS70008" }),
      "code_rejected",
      "interaction_required",
    ],
    [
      "an unknown code",
      grant({ aadsts: "AADSTS70000" }),
      "code_rejected",
      "interaction_required",
    ],
    [
      "a malformed code",
      { error: "invalid_request", aadsts: "AADSTS9002313" },
      "code_rejected",
      "interaction_required",
    ],
    [
      "a wrong code verifier",
      grant({ aadsts: "AADSTS501481" }),
      "code_rejected",
      "interaction_required",
    ],
    [
      "another tenant's code",
      grant({ aadsts: "AADSTS700005" }),
      "code_rejected",
      "interaction_required",
    ],
    ["plain invalid_grant", grant(), "code_rejected", "interaction_required"],
    [
      "login_required",
      { error: "login_required" },
      "interaction_required",
      "interaction_required",
    ],
  ])(
    "translates %s into different codes for an exchange and a refresh",
    (_, provider, exchange, refresh) => {
      expect(createProviderFailure("exchange_code", provider).code).toBe(
        exchange,
      );
      expect(createProviderFailure("acquire_token", provider).code).toBe(
        refresh,
      );
    },
  );

  it.each<[string, ProviderError, AuthErrorCode]>([
    [
      "suberror consent_required",
      grant({ suberror: "consent_required" }),
      "consent_required",
    ],
    ["AADSTS65001 alone", grant({ aadsts: "AADSTS65001" }), "consent_required"],
    [
      "AADSTS90094",
      { error: "invalid_request", aadsts: "AADSTS90094" },
      "consent_required",
    ],
    [
      "error consent_required",
      { error: "consent_required" },
      "consent_required",
    ],
    [
      "suberror basic_action",
      grant({ suberror: "basic_action" }),
      "interaction_required",
    ],
    [
      "suberror additional_action",
      grant({ suberror: "additional_action" }),
      "interaction_required",
    ],
    [
      "suberror user_password_expired",
      grant({ suberror: "user_password_expired" }),
      "interaction_required",
    ],
    [
      "error interaction_required",
      { error: "interaction_required" },
      "interaction_required",
    ],
    ["AADSTS50076", grant({ aadsts: "AADSTS50076" }), "interaction_required"],
    ["AADSTS50079", grant({ aadsts: "AADSTS50079" }), "interaction_required"],
    ["AADSTS50074", grant({ aadsts: "AADSTS50074" }), "interaction_required"],
    ["AADSTS50078", grant({ aadsts: "AADSTS50078" }), "interaction_required"],
    ["AADSTS50058", grant({ aadsts: "AADSTS50058" }), "interaction_required"],
    ["AADSTS50173", grant({ aadsts: "AADSTS50173" }), "interaction_required"],
    [
      "AADSTS70043",
      grant({ aadsts: "AADSTS70043", suberror: "bad_token" }),
      "interaction_required",
    ],
    [
      "suberror message_only",
      grant({ suberror: "message_only" }),
      "authorization_denied",
    ],
    ["AADSTS53003", grant({ aadsts: "AADSTS53003" }), "authorization_denied"],
    ["AADSTS53000", grant({ aadsts: "AADSTS53000" }), "authorization_denied"],
    ["AADSTS53001", grant({ aadsts: "AADSTS53001" }), "authorization_denied"],
    ["AADSTS530003", grant({ aadsts: "AADSTS530003" }), "authorization_denied"],
    [
      "AADSTS50105",
      { error: "interaction_required", aadsts: "AADSTS50105" },
      "authorization_denied",
    ],
    [
      "AADSTS50020",
      { error: "invalid_request", aadsts: "AADSTS50020" },
      "authorization_denied",
    ],
    ["AADSTS50057", grant({ aadsts: "AADSTS50057" }), "authorization_denied"],
    ["error invalid_client", { error: "invalid_client" }, "client_rejected"],
    [
      "AADSTS90002",
      { error: "invalid_tenant", aadsts: "AADSTS90002" },
      "tenant_not_found",
    ],
    [
      "an unknown number",
      grant({ aadsts: "AADSTS1", suberror: "basic_action" }),
      "interaction_required",
    ],
  ])(
    "translates %s into the same code for an exchange and a refresh",
    (_, provider, code) => {
      for (const operation of ["exchange_code", "acquire_token"] as const)
        expect(createProviderFailure(operation, provider).code).toBe(code);
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
