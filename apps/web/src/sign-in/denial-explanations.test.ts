import { describe, expect, it } from "vitest";
import { explainDenial } from "./denial-explanations.js";

const error = "access_denied";

describe("explainDenial", () => {
  it.each([
    ["the Cancel button", { error, suberror: "cancel" }],
    ["a declined consent", { error, aadsts: "AADSTS65004" }],
  ])("mentions a cancellation after %s", (_, provider) => {
    const { title, what } = explainDenial(provider);

    expect(title).toBe("Sign-in was cancelled");
    expect(what).toMatch(/^You stopped/);
  });

  it.each([
    ["an account of another organisation", "AADSTS50020", /does not know/],
    ["an account without assignment", "AADSTS50105", /certain people only/],
    ["a disabled account", "AADSTS50057", /does not let this account/],
    ["a device that breaks a rule", "AADSTS53000", /A rule of your organ/],
    ["Conditional Access", "AADSTS53003", /A rule of your organisation/],
    ["a code that it does not know", "AADSTS1", /A rule of your organisation/],
  ])("does not mention a cancellation for %s", (_, aadsts, what) => {
    const explanation = explainDenial({ error, aadsts });

    expect(explanation.what).toMatch(what);
    expect(JSON.stringify(explanation)).not.toMatch(/cancel|You stopped/i);
  });

  it("names a rule of the organisation for message_only", () => {
    const explanation = explainDenial({ error, suberror: "message_only" });

    expect(explanation.what).toMatch(/A rule of your organisation/);
  });

  it.each([undefined, { error }])(
    "does not name a cause if Microsoft names none: %j",
    (provider) => {
      const explanation = explainDenial(provider);

      expect(explanation.title).toBe("The sign-in was not finished");
      expect(JSON.stringify(explanation)).not.toMatch(/cancel|You stopped/i);
    },
  );
});
