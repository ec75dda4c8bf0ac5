import { describe, expect, it } from "vitest";
import { createDiscoveryError } from "./discovery-error.js";

const request = {
  authority: "https://login.microsoftonline.com",
  tenant: "contoso.test",
};
const unknownTenant =
  'https://login.microsoftonline.com has no tenant "contoso.test". Correct the option tenant (ENTRA_TENANT).';

function describeError(status: number, body: unknown): readonly string[] {
  const text = typeof body === "object" ? JSON.stringify(body) : undefined;
  const { code, message } = createDiscoveryError(status, text, request);
  return [code, message];
}

describe("createDiscoveryError", () => {
  it.each([
    [400, { error: "invalid_tenant" }],
    [499, { error: "invalid_tenant" }],
    [400, { error: "invalid_request", error_codes: [90002] }],
    [400, { error: "invalid_request", error_codes: [900023] }],
    [400, { error: "invalid_request", error_codes: [90038] }],
    // Only a string is a description, which can name a cloud.
    [
      400,
      {
        error: "invalid_tenant",
        error_description: ["National Cloud 'microsoftonline.us'"],
      },
    ],
  ])("reports an unknown tenant for status %i and %j", (status, body) => {
    expect(describeError(status, body)).toEqual([
      "tenant_not_found",
      unknownTenant,
    ]);
  });

  it.each([
    [500, { error: "invalid_tenant" }],
    [400, { error: "invalid_request" }],
    [400, { error_codes: [90002] }],
    [400, {}],
    [400, undefined],
  ])("reports an outage for status %i and %j", (status, body) => {
    expect(describeError(status, body)).toEqual([
      "identity_provider_unavailable",
      `The identity provider responded with status ${status} for its discovery document.`,
    ]);
  });
});
