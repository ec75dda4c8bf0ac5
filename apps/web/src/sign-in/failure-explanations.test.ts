import { describe, expect, it } from "vitest";
import { explainFailure } from "./failure-explanations.js";

describe("explainFailure", () => {
  it("says how long to wait when the server did", () => {
    const explanation = explainFailure({
      code: "rate_limited",
      message: "",
      provider: undefined,
      claims: undefined,
      retryAfterSeconds: 90,
      maxAgeSeconds: undefined,
    });

    expect(explanation.next).toBe("Wait 2 minutes, then try again.");
  });

  it("has words for a server that does not answer", () => {
    const explanation = explainFailure({
      code: "unreachable",
      message: "",
      provider: undefined,
      claims: undefined,
      retryAfterSeconds: undefined,
      maxAgeSeconds: undefined,
    });

    expect(explanation.title).toBe("We could not reach the service");
  });
});
