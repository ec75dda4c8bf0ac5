import { describe, expect, it } from "vitest";
import type { ProviderError } from "../error.js";
import { parseClaimsChallenge, parseProviderError } from "./provider-error.js";

const traceId = "0f4d8b4e-1111-4a4b-9c9c-1a2b3c4d5e6f";
const correlationId = "2b4c6d8e-2222-4b5c-8d8d-6f5e4d3c2b1a";

function parse(error: string, description?: string): ProviderError | undefined {
  return parseProviderError({ error, error_description: description });
}

describe("parseProviderError", () => {
  it("[F19] reads Entra's own code, trace ID and correlation ID", () => {
    const description =
      "AADSTS50058: A silent sign-in request was sent but no user is signed in. Trace ID: 0f4d8b4e-1111-4a4b-9c9c-1a2b3c4d5e6f Correlation ID: 2b4c6d8e-2222-4b5c-8d8d-6f5e4d3c2b1a Timestamp: 2026-03-01 09:00:00Z";

    expect(parse("login_required", description)).toEqual({
      error: "login_required",
      aadsts: "AADSTS50058",
      traceId: "0f4d8b4e-1111-4a4b-9c9c-1a2b3c4d5e6f",
      correlationId: "2b4c6d8e-2222-4b5c-8d8d-6f5e4d3c2b1a",
    });
  });

  it.each([
    "",
    "a description without codes",
    "see AADSTS50058",
    "AADSTS",
    "AADSTSx",
    "AADSTS12345678901",
    undefined,
  ])("returns only the error code for the description %j", (description) => {
    expect(parse("access_denied", description)).toEqual({
      error: "access_denied",
    });
  });

  it.each([
    "Access_denied",
    "1access_denied",
    "access_denied1",
    "call +1 555 0100: access_denied",
    "access_denied, call +1 555 0100",
    "a".repeat(65),
    "",
  ])("returns unknown_error for %j, which is not an error code", (error) => {
    expect(parse(error)).toEqual({
      error: "unknown_error",
    });
  });

  it("returns an error code of up to 64 letters unchanged", () => {
    const error = "a".repeat(64);

    expect(parse(error)).toEqual({ error });
  });

  it("ignores a description after 4096 characters", () => {
    const ending = ` Trace ID: ${traceId}`;

    const errors = [4096, 4097].map((length) =>
      parse("access_denied", ending.padStart(length, "AADSTS50058 ")),
    );

    expect(errors.map((error) => error?.traceId)).toEqual([traceId, undefined]);
  });

  it("parses a hostile description of a megabyte", () => {
    const description = "Trace ID: ".repeat(100_000);

    expect(parse("access_denied", description)).toEqual({
      error: "access_denied",
    });
  });

  it("reads the properties of the body if the description has no IDs", () => {
    const body = {
      error: "invalid_grant",
      error_description: "A text without codes and IDs.",
      error_codes: [50076, 1],
      suberror: "basic_action",
      trace_id: traceId,
      correlation_id: correlationId,
    };

    expect(parseProviderError(body)).toEqual({
      error: "invalid_grant",
      suberror: "basic_action",
      aadsts: "AADSTS50076",
      traceId,
      correlationId,
    });
  });

  it("prefers the codes and IDs in the description", () => {
    const body = {
      error: "invalid_grant",
      error_description: `AADSTS54005: used. Trace ID: ${traceId}`,
      error_codes: [70008],
      trace_id: correlationId,
    };

    expect(parseProviderError(body)).toEqual({
      error: "invalid_grant",
      aadsts: "AADSTS54005",
      traceId,
    });
  });

  it("reads the suberror from error_subcode in the query of a callback", () => {
    const query = { error: "access_denied", error_subcode: "cancel" };

    expect(parseProviderError(query)).toEqual({
      error: "access_denied",
      suberror: "cancel",
    });
  });

  it.each<[string, unknown]>([
    ["suberror", "<img src=x>"],
    ["suberror", 1],
    ["suberror", "a".repeat(65)],
    ["error_codes", "50076"],
    ["error_codes", ["50076"]],
    ["error_codes", [-1]],
    ["error_codes", [1.5]],
    ["error_codes", [1e10]],
    ["error_codes", []],
    ["trace_id", "call +1 555 0100"],
    ["trace_id", `${traceId} and more`],
    ["trace_id", `see ${traceId}`],
    ["correlation_id", { toString: "x" }],
  ])("omits %s if it is %j", (name, value) => {
    expect(
      parseProviderError({ error: "invalid_grant", [name]: value }),
    ).toEqual({ error: "invalid_grant" });
  });

  it.each([{}, { error: 1 }, { error: ["invalid_grant"] }, { suberror: "x" }])(
    "returns undefined for %j, which is not an error",
    (body) => {
      expect(parseProviderError(body)).toBeUndefined();
    },
  );
});

describe("parseClaimsChallenge", () => {
  it.each([
    ["of Entra", '{"access_token":{"capolids":{"values":["x"]}}}'],
    ["of 4096 characters", '{"access_token":{}}'.padEnd(4096)],
  ])("returns a challenge %s unchanged", (_, claims) => {
    expect(parseClaimsChallenge({ claims })).toBe(claims);
  });

  it.each<[string, unknown]>([
    ["not a string", { access_token: {} }],
    ["not JSON", "access_token"],
    ["a list", "[]"],
    ["null", "null"],
    ["a number", "1"],
    ["a claims request on which MSAL throws", '{"access_token":1}'],
    ["longer than 4096 characters", JSON.stringify({ x: "x".repeat(4096) })],
    ["a lone surrogate", '{"x":"\ud800"}'],
    ["absent", undefined],
  ])("returns undefined for a challenge that is %s", (_, claims) => {
    expect(parseClaimsChallenge({ claims })).toBeUndefined();
  });
});
