import { describe, expect, it } from "vitest";
import {
  parseAuthorizationResponse,
  parseCallback,
  requireNamedFlow,
} from "./callback.js";
import type { CallbackParameters } from "./callback.js";
import { isAuthError } from "../error.js";
import type { AuthError } from "../error.js";

const state = "s".repeat(43);
const issuer = "https://login.test/c0a70500-1111-4c0a-8c0a-c0a70500c0a0/v2.0";
const template = "https://login.test/{tenantid}/v2.0";

function catchError(act: () => unknown): AuthError {
  try {
    act();
  } catch (error) {
    if (isAuthError(error)) return error;
    throw error;
  }
  throw new Error("Nothing was thrown.");
}

function readState(parameters: CallbackParameters): string {
  return requireNamedFlow(parseCallback(parameters)).state;
}

function refuse(
  parameters: CallbackParameters,
  requiresIss = false,
): AuthError {
  return catchError(() =>
    parseAuthorizationResponse(parameters, issuer, requiresIss),
  );
}

describe("requireNamedFlow", () => {
  it("returns the state of the callback", () => {
    expect(readState({ state, code: "c" })).toBe(state);
  });

  it.each([[{}], [{ state: [] }], [{ code: "c" }]])(
    "throws invalid_request for %j, which has no state",
    (parameters) => {
      expect(catchError(() => readState(parameters)).code).toBe(
        "invalid_request",
      );
    },
  );

  it("throws invalid_request for a repeated state, also with an error", () => {
    for (const rest of [{}, { error: "access_denied" }])
      expect(
        catchError(() => readState({ ...rest, state: [state, state] })),
      ).toMatchObject({
        code: "invalid_request",
        message: expect.stringContaining('"state"'),
      });
  });

  it.each([
    "",
    "short",
    `${state}x`,
    `${state}\n`,
    "ß".repeat(43),
    "x".repeat(16_384),
    "__proto__",
  ])("throws flow_not_found for the malformed state %j", (text) => {
    expect(catchError(() => readState({ state: text })).code).toBe(
      "flow_not_found",
    );
  });

  it("ignores inherited properties", () => {
    const parameters: CallbackParameters = Object.create({ state });

    expect(catchError(() => readState(parameters)).code).toBe(
      "invalid_request",
    );
  });
});

const declined = {
  error: "access_denied",
  error_description:
    "AADSTS65004: User declined to consent to access the app.\r\nTrace ID: 0f4d8b4e-1111-4a4b-9c9c-1a2b3c4d5e6f\r\nCorrelation ID: 2b4c6d8e-2222-4b5c-8d8d-6f5e4d3c2b1a",
};

describe("requireNamedFlow: callbacks without a flow", () => {
  it("keeps the codes and IDs of an AADSTS error without a state", () => {
    const error = catchError(() => readState(declined));

    expect(error).toMatchObject({
      code: "authorization_denied",
      provider: {
        error: "access_denied",
        aadsts: "AADSTS65004",
        traceId: "0f4d8b4e-1111-4a4b-9c9c-1a2b3c4d5e6f",
        correlationId: "2b4c6d8e-2222-4b5c-8d8d-6f5e4d3c2b1a",
      },
    });
  });

  it("throws invalid_request with the provider's error for an unknown error without an AADSTS number", () => {
    expect(catchError(() => readState({ error: "x_error" }))).toMatchObject({
      code: "invalid_request",
      provider: { error: "x_error" },
    });
  });

  it.each([
    [{ error: "login_required" }, "login_required"],
    [
      { error: "x_error", error_description: "AADSTS1: text" },
      "authorization_failed",
    ],
  ])("translates the known error %j without a state", (parameters, code) => {
    expect(catchError(() => readState(parameters)).code).toBe(code);
  });

  it("ignores a claims challenge in a callback without a state, which anyone can write", () => {
    const error = catchError(() =>
      readState({ error: "interaction_required", claims: "{}" }),
    );

    expect(error.code).toBe("interaction_required");
    expect(error.claims).toBeUndefined();
  });

  it.each([
    ["no state", {}],
    ["a state of the administrator's own", { state: "12345" }],
  ])(
    "throws admin_consent_returned for admin_consent=True with %s",
    (_, given) => {
      const error = catchError(() =>
        readState({
          ...given,
          admin_consent: "True",
          tenant: "c0a70500-1111-4c0a-8c0a-c0a70500c0a0",
        }),
      );

      expect(error).toMatchObject({
        code: "admin_consent_returned",
        provider: undefined,
      });
      expect(error.message).not.toContain("c0a70500");
    },
  );

  it.each([{}, { state: "12345" }])(
    "throws authorization_denied for an administrator who declined, with %j",
    (given) => {
      const error = catchError(() =>
        readState({ ...given, ...declined, admin_consent: "True" }),
      );

      expect(error.code).toBe("authorization_denied");
    },
  );

  it("throws flow_not_found for an error with a malformed state", () => {
    expect(
      catchError(() => readState({ ...declined, state: "12345" })).code,
    ).toBe("flow_not_found");
  });

  it.each([
    [{}],
    [{ code: "c" }],
    [{ admin_consent: "False" }],
    [{ error: ["access_denied", "access_denied"] }],
  ])(
    "throws invalid_request for %j, which has no state and no error",
    (parameters) => {
      expect(catchError(() => readState(parameters)).code).toBe(
        "invalid_request",
      );
    },
  );
});

describe("parseAuthorizationResponse", () => {
  it("returns the authorization code", () => {
    expect(
      parseAuthorizationResponse({ state, code: "1.AXoA-code" }, issuer, false),
    ).toBe("1.AXoA-code");
  });

  it("accepts the iss of the identity provider", () => {
    expect(
      parseAuthorizationResponse({ code: "c", iss: issuer }, issuer, true),
    ).toBe("c");
    expect(
      parseAuthorizationResponse({ code: "c", iss: issuer }, template, true),
    ).toBe("c");
  });

  it.each([
    ["another provider's", "https://evil.test/v2.0"],
    ["empty", ""],
    ["in upper case", issuer.toUpperCase()],
    ["followed by a slash", `${issuer}/`],
    ["repeated", [issuer, issuer]],
    ["repeated with another provider's", [issuer, "https://evil.test/v2.0"]],
  ])("throws issuer_mismatch if iss is %s", (_, iss) => {
    expect(refuse({ code: "c", iss }).code).toBe("issuer_mismatch");
  });

  it.each([
    "https://login.test/{tenantid}/v2.0",
    "https://login.test/common/v2.0",
    "https://login.test//v2.0",
    "https://evil.test/c0a70500-1111-4c0a-8c0a-c0a70500c0a0/v2.0",
    "https://login.test/c0a70500-1111-4c0a-8c0a-c0a70500c0a0/v2.0/x",
    "https://login.test/C0A70500-1111-4C0A-8C0A-C0A70500C0A0/v2.0",
  ])(
    "throws issuer_mismatch for %j, which does not fill the template with a tenant ID",
    (iss) => {
      const error = catchError(() =>
        parseAuthorizationResponse({ code: "c", iss }, template, false),
      );

      expect(error.code).toBe("issuer_mismatch");
    },
  );

  it("[F16] throws issuer_mismatch if the provider's metadata requires iss and the callback lacks it", () => {
    expect(refuse({ code: "c" }, true).code).toBe("issuer_mismatch");
  });

  it("[F15] also checks iss in error responses", () => {
    expect(
      refuse({ error: "access_denied", iss: "https://evil.test" }).code,
    ).toBe("issuer_mismatch");
    expect(refuse({ error: "access_denied" }, true).code).toBe(
      "issuer_mismatch",
    );
  });

  it.each([
    ["access_denied", "authorization_denied"],
    ["consent_required", "consent_required"],
    ["login_required", "login_required"],
    ["interaction_required", "interaction_required"],
    ["account_selection_required", "interaction_required"],
    ["temporarily_unavailable", "identity_provider_unavailable"],
    ["server_error", "identity_provider_unavailable"],
    ["invalid_request", "authorization_failed"],
    ["unsupported_response_type", "authorization_failed"],
    ["unauthorized_client", "client_rejected"],
    ["invalid_grant", "authorization_failed"],
    ["", "authorization_failed"],
    ["__proto__", "authorization_failed"],
    ["constructor", "authorization_failed"],
    ["<script>", "authorization_failed"],
  ])("translates the provider's error %j into %s", (error, code) => {
    expect(refuse({ state, error }).code).toBe(code);
  });

  it("has its own message for each code", () => {
    const messages = [
      "access_denied",
      "consent_required",
      "login_required",
      "interaction_required",
      "server_error",
      "unsupported_response_type",
    ].map((error) => refuse({ state, error }).message);

    expect(new Set(messages).size).toBe(6);
    expect(messages.every((message) => message.length > 20)).toBe(true);
  });

  it("recognises declined consent by its AADSTS number", () => {
    const error = refuse({
      error: "consent_required",
      error_description:
        "AADSTS65004: User declined to consent to access the app.",
    });

    expect(error).toMatchObject({
      code: "authorization_denied",
      provider: { aadsts: "AADSTS65004" },
    });
  });

  it("throws the error if the callback has both an error and a code", () => {
    expect(refuse({ error: "access_denied", code: "c" }).code).toBe(
      "authorization_denied",
    );
  });

  it("never repeats a text from the callback", () => {
    const planted = "<img src=x onerror=alert(1)> call +1 555 0100";

    const error = refuse({
      error: planted,
      error_description: `AADSTS50105: ${planted} Trace ID: ${planted}`,
      error_uri: planted,
      error_subcode: planted,
    });

    expect(JSON.stringify([error.message, error.provider])).not.toMatch(
      /onerror|555/,
    );
    expect(error.provider).toEqual({
      error: "unknown_error",
      aadsts: "AADSTS50105",
    });
  });

  it("reports error_subcode=cancel as a cancelled sign-in", () => {
    const error = refuse({ error: "access_denied", error_subcode: "cancel" });

    expect(error).toMatchObject({
      code: "authorization_denied",
      provider: { error: "access_denied", suberror: "cancel" },
      message: expect.stringContaining("was cancelled at"),
    });
  });

  it.each([
    ["AADSTS50020", "does not belong to the organisation"],
    ["AADSTS50105", "is not assigned to the application"],
    ["AADSTS53003", "A policy of the organisation"],
    ["AADSTS50057", "is disabled or locked"],
  ])("does not report %s as a cancelled sign-in", (aadsts, reason) => {
    for (const error of ["access_denied", "interaction_required"]) {
      const failure = refuse({ error, error_description: `${aadsts}: text` });

      expect(failure.code).toBe("authorization_denied");
      expect(failure.message).toContain(reason);
      expect(failure.message).not.toMatch(/cancel/i);
    }
  });

  it("keeps the claims challenge of interaction_required", () => {
    const claims = '{"access_token":{"acrs":{"value":"c1"}}}';

    expect(refuse({ error: "interaction_required", claims }).claims).toBe(
      claims,
    );
  });

  it.each([
    "code",
    "error",
    "error_description",
    "error_subcode",
    "suberror",
    "claims",
  ])("throws invalid_request for a repeated %s", (name) => {
    const error = refuse({ error: "access_denied", [name]: ["one", "two"] });

    expect(error).toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining(`"${name}"`),
    });
  });

  it.each([
    ["no code and no error", undefined],
    ["an empty code", ""],
    ["a code of more than 8192 characters", "x".repeat(8193)],
    ["a code with a line break", "code\r\nx"],
    ["a code with a lone surrogate", "\ud800"],
    ["a code outside ASCII", "cödé"],
  ])("throws invalid_request for %s", (_, code) => {
    expect(refuse({ state, code }).code).toBe("invalid_request");
  });
});
