import type { AuthFailure } from "@entrada/auth/react";
import { describe, expect, it } from "vitest";
import { explainFailure } from "./failure-explanations.js";

describe("explainFailure", () => {
  it("says how long to wait when the server did", () => {
    const failure = createFailure({
      code: "rate_limited",
      retryAfterSeconds: 90,
    });

    expect(explainFailure(failure).next).toBe(
      "Wait 2 minutes, then try again.",
    );
  });

  it("has words for a server that does not answer", () => {
    const failure = createFailure({ code: "unreachable" });

    expect(explainFailure(failure).title).toBe(
      "We could not reach the service",
    );
  });

  it("tells our own limit from Microsoft's", () => {
    const provider = { error: "invalid_grant", aadsts: "AADSTS50196" };

    const own = explainFailure(createFailure({ code: "rate_limited" }));
    const microsofts = explainFailure(
      createFailure({ code: "rate_limited", provider }),
    );

    expect(own.title).toBe("Too many attempts");
    expect(microsofts.title).toBe("Microsoft asks you to wait");
  });

  it("tells an organisation that does not exist from an outage", () => {
    const unknown = explainFailure(createFailure({ code: "tenant_not_found" }));
    const down = explainFailure(
      createFailure({ code: "identity_provider_unavailable" }),
    );

    expect(unknown.what).toMatch(/does not know the organisation/);
    expect(down.what).toMatch(/did not answer/);
  });

  it("blames the server's clock if the server does", () => {
    const failure = createFailure({
      code: "id_token_invalid",
      message: "The ID token is not valid yet: the server's clock is behind.",
    });

    expect(explainFailure(failure).what).toMatch(
      /server's clock .* Your device is not the cause/,
    );
  });

  it("leaves the clock alone where an ID token is refused for another reason", () => {
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
