import type { AuthFailure } from "@entrada/auth/react";
import { describe, expect, it } from "vitest";
import { explainFailure } from "./failure-explanations.js";

describe("explainFailure", () => {
  it("shows how long to wait if the server sent it", () => {
    const failure = createFailure({
      code: "rate_limited",
      retryAfterSeconds: 90,
    });

    expect(explainFailure(failure).next).toBe(
      "Wait 2 minutes, then try again.",
    );
  });

  it("explains an unreachable server", () => {
    const failure = createFailure({ code: "unreachable" });

    expect(explainFailure(failure).title).toBe(
      "We could not reach the service",
    );
  });

  it("explains a code of a newer server as a failure of the service", () => {
    const newer = explainFailure(createFailure({ code: "newer_code" }));

    expect(newer).toEqual(
      explainFailure(createFailure({ code: "internal_error" })),
    );
  });

  it("distinguishes our own rate limit from Microsoft's", () => {
    const provider = { error: "invalid_grant", aadsts: "AADSTS50196" };

    const own = explainFailure(createFailure({ code: "rate_limited" }));
    const microsofts = explainFailure(
      createFailure({ code: "rate_limited", provider }),
    );

    expect(own.title).toBe("Too many attempts");
    expect(microsofts.title).toBe("Microsoft asks you to wait");
  });

  it("distinguishes an unknown organisation from an outage", () => {
    const unknown = explainFailure(createFailure({ code: "tenant_not_found" }));
    const down = explainFailure(
      createFailure({ code: "identity_provider_unavailable" }),
    );

    expect(unknown.what).toMatch(/does not know the organisation/);
    expect(down.what).toMatch(/did not answer/);
  });

  it("names the server's clock as the cause if the error message does", () => {
    const failure = createFailure({
      code: "id_token_invalid",
      message: "The ID token is not valid yet: the server's clock is behind.",
    });

    expect(explainFailure(failure).what).toMatch(
      /server's clock .* Your device is not the cause/,
    );
  });

  it("does not mention the clock if an ID token is refused for another reason", () => {
    const failure = createFailure({
      code: "id_token_invalid",
      message: "The ID token's signature is wrong.",
    });

    expect(JSON.stringify(explainFailure(failure))).not.toMatch(/clock|device/);
  });
});

function createFailure(
  failure: Pick<AuthFailure, "code"> & Partial<AuthFailure>,
): AuthFailure {
  return {
    message: "",
    provider: undefined,
    claims: undefined,
    retryAfterSeconds: undefined,
    maxAgeSeconds: undefined,
    ...failure,
  };
}
