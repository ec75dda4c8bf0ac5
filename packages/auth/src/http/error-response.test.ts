import { describe, expect, it } from "vitest";
import { AuthError, authErrorCodes, toFailure } from "../core/error.js";
import type { ReturnUrl } from "../core/identifiers.js";
import {
  createErrorResponse,
  formatError,
  toStatus,
} from "./error-response.js";

describe("toStatus", () => {
  it("returns 500 only for internal_error", () => {
    expect(authErrorCodes.filter((code) => toStatus(code) === 500)).toEqual([
      "internal_error",
    ]);
  });

  it.each([
    ["invalid_request", 400],
    ["cross_site_request", 403],
    ["rate_limited", 429],
    ["flow_not_found", 400],
    ["not_signed_in", 401],
    ["id_token_invalid", 502],
    ["identity_provider_unavailable", 503],
    ["store_unavailable", 503],
  ] as const)("maps %s to %d", (code, status) => {
    expect(toStatus(code)).toBe(status);
  });
});

describe("createErrorResponse", () => {
  it("returns code, message and provider error with no-store", async () => {
    const provider = { error: "access_denied", aadsts: "AADSTS65004" };

    const response = createErrorResponse(
      new AuthError("authorization_denied", "The sign-in was cancelled.", {
        provider,
      }),
    );

    expect(response.status).toBe(403);
    expect(response.headers.get("cache-control")).toBe("no-store");
    await expect(response.json()).resolves.toEqual({
      error: {
        authCode: "authorization_denied",
        message: "The sign-in was cancelled.",
        provider,
      },
    });
  });

  it("sets Retry-After", () => {
    const response = createErrorResponse(
      new AuthError("rate_limited", "Too many.", { retryAfterSeconds: 17 }),
    );

    expect(response.headers.get("retry-after")).toBe("17");
  });

  it("contains no text of an error that is not an AuthError", async () => {
    const response = createErrorResponse(
      new Error("SELECT secret FROM session"),
    );

    expect(response.status).toBe(500);
    await expect(response.text()).resolves.not.toMatch(/SELECT|stack/);
  });
});

describe("formatError", () => {
  it("omits the user's ID and the return URL", () => {
    const failure = new AuthError("sign_in_refused", "No.", {
      userId: "user-ada",
      returnUrl: "https://app.test/orders" as ReturnUrl,
    });

    expect(formatError(failure)).toEqual({
      authCode: "sign_in_refused",
      message: "No.",
    });
  });

  it("omits the cause", () => {
    const error = new AuthError("client_rejected", "Refused.", {
      cause: new Error("client_secret=planted"),
    });

    expect(formatError(error)).toEqual({
      authCode: "client_rejected",
      message: "Refused.",
    });
  });
});

describe("toFailure", () => {
  it("returns an AuthError as it is, and wraps any other error as the cause", () => {
    const ours = new AuthError("not_signed_in", "Sign in first.");
    const other = new Error("other");

    expect(toFailure(ours)).toBe(ours);
    expect(toFailure(other)).toMatchObject({
      code: "internal_error",
      cause: other,
    });
    expect(toFailure(undefined)).toMatchObject({ code: "internal_error" });
  });
});
