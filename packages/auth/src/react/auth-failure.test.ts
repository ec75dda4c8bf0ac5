import { describe, expect, it } from "vitest";
import { authErrorCodes } from "../core/error.js";
import { canRetryCallback, parseAuthFailure } from "./auth-failure.js";
import { createTrpcError } from "./testing/fake-auth-client.js";

describe("parseAuthFailure", () => {
  it.each(authErrorCodes)("accepts the code %s", (code) => {
    expect(parseAuthFailure(createTrpcError(code)).code).toBe(code);
  });

  it("reads the identity provider's error", () => {
    const provider = {
      error: "invalid_client",
      suberror: "cancel",
      aadsts: "AADSTS7000215",
      traceId: "trace-1",
      correlationId: "correlation-1",
    };

    const failure = parseAuthFailure(
      createTrpcError("client_rejected", { provider }),
    );

    expect(failure.provider).toEqual(provider);
  });

  it("reads the claims challenge for the next sign-in", () => {
    const claims = '{"access_token":{"acrs":{"value":"c1"}}}';

    const failure = parseAuthFailure(
      createTrpcError("interaction_required", { claims }),
    );

    expect(failure).toMatchObject({ code: "interaction_required", claims });
  });

  it("reads the maxAgeSeconds for the next sign-in", () => {
    const failure = parseAuthFailure(
      createTrpcError("fresh_sign_in_required", { maxAgeSeconds: 600 }),
    );

    expect(failure.maxAgeSeconds).toBe(600);
  });

  it("returns the code of a newer server", () => {
    const failure = parseAuthFailure(createTrpcError("newer_code"));

    expect(failure.code).toBe("newer_code");
  });

  it("returns internal_error for an error of the server without a code", () => {
    const error = Object.assign(new Error("Not found."), {
      data: { code: "NOT_FOUND", httpStatus: 404 },
    });

    expect(parseAuthFailure(error).code).toBe("internal_error");
  });

  it.each([
    ["a network error", new TypeError("Failed to fetch")],
    ["a proxy's page", Object.assign(new Error("<html>"), { data: undefined })],
    ["a text", "no"],
    ["nothing", undefined],
  ])("returns unreachable for %s", (_, error) => {
    expect(parseAuthFailure(error).code).toBe("unreachable");
  });
});

describe("canRetryCallback", () => {
  it.each([
    ["store_unavailable", createTrpcError("store_unavailable")],
    ["unreachable", new TypeError("Failed to fetch")],
  ])("returns true for %s, because the flow was not taken", (_, error) => {
    expect(canRetryCallback(parseAuthFailure(error))).toBe(true);
  });

  it("returns false if the database failed after the flow was taken", () => {
    const error = createTrpcError("store_unavailable", { isFlowTaken: true });

    expect(canRetryCallback(parseAuthFailure(error))).toBe(false);
  });

  it.each(
    authErrorCodes.filter((authCode) => authCode !== "store_unavailable"),
  )("returns false for %s, because the flow is gone", (authCode) => {
    const failure = parseAuthFailure(createTrpcError(authCode));

    expect(canRetryCallback(failure)).toBe(false);
  });
});
