import { describe, expect, it } from "vitest";
import { AuthError } from "../core/error.js";
import type { ProviderOperation } from "../core/provider/provider-failure.js";
import { toAuthError } from "./msal-error.js";

const nothing = {
  unavailable: undefined,
  provider: undefined,
  claims: undefined,
};

function msalError(errorCode: string, name = "ClientAuthError"): Error {
  return Object.assign(
    new Error(`${errorCode}: planted text of the provider`),
    { name, errorCode },
  );
}

describe("toAuthError", () => {
  it("returns an AuthError as it is", () => {
    const error = new AuthError("interaction_required", "Sign in again.");

    expect(toAuthError(error, nothing, "acquire_token")).toBe(error);
  });

  it.each<[string, ProviderOperation, string]>([
    ["invalid_grant", "exchange_code", "code_rejected"],
    ["invalid_grant", "acquire_token", "interaction_required"],
    ["invalid_client", "exchange_code", "client_rejected"],
    ["invalid_client", "acquire_token", "client_rejected"],
    ["unauthorized_client", "exchange_code", "client_rejected"],
    ["interaction_required", "acquire_token", "interaction_required"],
    ["login_required", "acquire_token", "interaction_required"],
    ["consent_required", "acquire_token", "consent_required"],
    [
      "temporarily_unavailable",
      "acquire_token",
      "identity_provider_unavailable",
    ],
    ["invalid_scope", "exchange_code", "authorization_failed"],
    ["__proto__", "exchange_code", "authorization_failed"],
    ["constructor", "acquire_token", "authorization_failed"],
  ])("translates the provider's %s in %s into %s", (error, operation, code) => {
    const translated = toAuthError(
      msalError(error, "ServerError"),
      { ...nothing, provider: { error } },
      operation,
    );

    expect(translated).toMatchObject({ code, provider: { error } });
  });

  it("follows the response if MSAL reports a policy's refusal as a required interaction", () => {
    const provider = {
      error: "interaction_required",
      suberror: "message_only",
      aadsts: "AADSTS53003",
    };

    const translated = toAuthError(
      msalError("interaction_required", "InteractionRequiredAuthError"),
      { ...nothing, provider },
      "exchange_code",
    );

    expect(translated).toMatchObject({
      code: "authorization_denied",
      provider,
    });
  });

  it("includes the claims challenge that the network client found", () => {
    const claims = '{"access_token":{"acrs":{"value":"c1"}}}';
    const provider = { error: "invalid_grant", suberror: "basic_action" };

    const translated = toAuthError(
      msalError("invalid_grant", "InteractionRequiredAuthError"),
      { ...nothing, provider, claims },
      "acquire_token",
    );

    expect(translated).toMatchObject({ code: "interaction_required", claims });
  });

  it("reports a network failure before MSAL's own error", () => {
    const findings = {
      ...nothing,
      unavailable: new TypeError("fetch failed"),
      provider: { error: "invalid_grant" },
    };

    expect(
      toAuthError(msalError("network_error"), findings, "exchange_code").code,
    ).toBe("identity_provider_unavailable");
  });

  it.each([
    "nonce_mismatch",
    "token_parsing_error",
    "null_or_empty_token",
    "nonce_not_found",
  ])("translates MSAL's %s into id_token_invalid", (errorCode) => {
    expect(
      toAuthError(msalError(errorCode), nothing, "exchange_code").code,
    ).toBe("id_token_invalid");
  });

  it("translates MSAL's InteractionRequiredAuthError into interaction_required", () => {
    const error = msalError("no_tokens_found", "InteractionRequiredAuthError");

    expect(toAuthError(error, nothing, "acquire_token").code).toBe(
      "interaction_required",
    );
  });

  it.each([
    [new TypeError("x is not a function")],
    ["text"],
    [undefined],
    [{ errorCode: "invalid_grant" }],
  ])("translates an unknown error into internal_error: %s", (error) => {
    expect(toAuthError(error, nothing, "exchange_code").code).toBe(
      "internal_error",
    );
  });

  it("keeps the original error as the cause, and its text out of the message", () => {
    const foreign = msalError("state_mismatch");

    const error = toAuthError(foreign, nothing, "exchange_code");

    expect(error.cause).toBe(foreign);
    expect(error.message).not.toContain("planted");
  });
});
