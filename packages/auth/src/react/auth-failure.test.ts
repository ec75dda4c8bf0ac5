import { describe, expect, it } from "vitest";
import { authErrorCodes } from "../core/error.js";
import { canRetryCallback, parseAuthFailure } from "./auth-failure.js";
import { createTrpcError } from "./testing/fake-auth-client.js";

describe("parseAuthFailure", () => {
  it.each(authErrorCodes)("knows the code %s", (code) => {
    expect(parseAuthFailure(createTrpcError(code)).code).toBe(code);
  });

  it("reads what the identity provider said", () => {
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

  it("reads the claims challenge that a sign-in has to bring", () => {
    const claims = '{"access_token":{"acrs":{"value":"c1"}}}';

    const failure = parseAuthFailure(
      createTrpcError("interaction_required", { claims }),
    );

    expect(failure).toMatchObject({ code: "interaction_required", claims });
  });

  it("reads how fresh the sign-in has to be", () => {
    const failure = parseAuthFailure(
      createTrpcError("fresh_sign_in_required", { maxAgeSeconds: 600 }),
    );

    expect(failure.maxAgeSeconds).toBe(600);
  });

  it("is an internal error if our server answers with a code of its own making", () => {
    const failure = parseAuthFailure(createTrpcError("toString"));

    expect(failure.code).toBe("internal_error");
  });

  it.each([
    ["a network error", new TypeError("Failed to fetch")],
    ["a proxy's page", Object.assign(new Error("<html>"), { data: undefined })],
    ["a text", "no"],
    ["nothing", undefined],
  ])("takes %s for an unreachable server", (_, error) => {
    expect(parseAuthFailure(error).code).toBe("unreachable");
  });
});

describe("canRetryCallback", () => {
  it.each([
    ["store_unavailable", createTrpcError("store_unavailable")],
    ["unreachable", new TypeError("Failed to fetch")],
  ])("is true for %s: the server has not taken the flow", (_, error) => {
    expect(canRetryCallback(parseAuthFailure(error))).toBe(true);
  });

  it("is false where the database failed after the flow was taken", () => {
    const error = createTrpcError("store_unavailable", { isFlowTaken: true });

    expect(canRetryCallback(parseAuthFailure(error))).toBe(false);
  });

  it.each(
    authErrorCodes.filter((authCode) => authCode !== "store_unavailable"),
  )("is false for %s: the flow is gone", (authCode) => {
    const failure = parseAuthFailure(createTrpcError(authCode));

    expect(canRetryCallback(failure)).toBe(false);
  });
});
