import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isAuthError } from "../error.js";
import { parseCallbackParameters, parseFlowRequest } from "./flow-request.js";

function codeOf(act: () => unknown): string {
  try {
    act();
    return "none";
  } catch (error) {
    return isAuthError(error) ? error.code : String(error);
  }
}

describe("parseFlowRequest", () => {
  it("returns no options without input", () => {
    expect(parseFlowRequest(undefined)).toEqual({ scopes: [] });
    expect(parseFlowRequest(null)).toEqual({ scopes: [] });
    expect(parseFlowRequest({})).toEqual({ scopes: [] });
  });

  it("returns the known properties and ignores the others", () => {
    const input = {
      returnUrl: "/orders",
      scopes: ["User.Read", "api://app/Orders.Read"],
      prompt: "select_account",
      loginHint: "ada@contoso.test",
      domainHint: "contoso.test",
      claims: '{"id_token":{"acrs":{"essential":true}}}',
      maxAgeSeconds: 0,
      redirectUri: "https://evil.test/callback",
      state: "fixed",
    };

    expect(parseFlowRequest(input)).toEqual({
      returnUrl: "/orders",
      scopes: ["User.Read", "api://app/Orders.Read"],
      prompt: "select_account",
      loginHint: "ada@contoso.test",
      domainHint: "contoso.test",
      claims: '{"id_token":{"acrs":{"essential":true}}}',
      maxAgeSeconds: 0,
    });
  });

  it.each([-1, 0.5, "600", 31_536_001, Number.NaN, true, [600]])(
    "refuses maxAgeSeconds %j",
    (maxAgeSeconds) => {
      expect(codeOf(() => parseFlowRequest({ maxAgeSeconds }))).toBe(
        "invalid_request",
      );
    },
  );

  it("accepts a maxAgeSeconds of at most a year", () => {
    expect(parseFlowRequest({ maxAgeSeconds: 31_536_000 })).toEqual({
      scopes: [],
      maxAgeSeconds: 31_536_000,
    });
  });

  it("treats null as absent", () => {
    const input = {
      returnUrl: null,
      scopes: null,
      prompt: null,
      loginHint: null,
      domainHint: null,
      claims: null,
    };

    expect(parseFlowRequest(input)).toEqual({ scopes: [] });
  });

  it.each([
    [[]],
    ["text"],
    [1],
    [true],
    [new FormData()],
    [new Map()],
    [{ returnUrl: 1 }],
    [{ returnUrl: ["/orders"] }],
    [{ returnUrl: {} }],
    [{ scopes: "User.Read" }],
    [{ scopes: [1] }],
    [{ scopes: [""] }],
    [{ scopes: ["two words"] }],
    [{ scopes: ['with"quote'] }],
    [{ scopes: ["with\\backslash"] }],
    [{ scopes: ["ümlaut"] }],
    [{ scopes: ["a\nb"] }],
    [{ scopes: ["x".repeat(257)] }],
    [{ scopes: Array.from({ length: 51 }, (_, index) => `scope-${index}`) }],
    [{ prompt: "Login" }],
    [{ prompt: "" }],
    [{ prompt: "toString" }],
    [{ loginHint: "x".repeat(2049) }],
    [{ loginHint: {} }],
    [{ loginHint: "\ud800" }],
    [{ domainHint: "\udfff x" }],
    [{ domainHint: ["contoso.test"] }],
    [{ claims: "not json" }],
    [{ claims: "[]" }],
    [{ claims: "null" }],
    [{ claims: '"text"' }],
    [{ claims: { id_token: {} } }],
    [{ claims: '{"id_token":null}' }],
    [{ claims: '{"id_token":"text"}' }],
    [{ claims: '{"id_token":[]}' }],
    [{ claims: '{"access_token":5}' }],
    [{ claims: '{"userinfo":true}' }],
    [{ claims: `{"a":"${"x".repeat(4096)}"}` }],
    [{ claims: '{"a":"\ud800"}' }],
  ])("throws invalid_request for %j", (input) => {
    expect(codeOf(() => parseFlowRequest(input))).toBe("invalid_request");
  });

  it.each([
    ["returnUrl", 1],
    ["scopes", "User.Read"],
    ["prompt", "other"],
    ["loginHint", 1],
    ["domainHint", 1],
    ["claims", "{"],
    ["maxAgeSeconds", -1],
  ])("names the malformed property: %s", (name, value) => {
    expect(() => parseFlowRequest({ [name]: value })).toThrow(name);
  });

  it("ignores inherited properties", () => {
    const input: unknown = JSON.parse(
      '{"__proto__":{"prompt":"consent","returnUrl":1},"scopes":[]}',
    );

    expect(parseFlowRequest(input)).toEqual({ scopes: [] });
    expect(parseFlowRequest(Object.create({ prompt: "consent" }))).toEqual({
      scopes: [],
    });
  });

  it("returns a request or throws invalid_request for any input", () => {
    const member = fc.constantFrom(
      "returnUrl",
      "scopes",
      "prompt",
      "loginHint",
      "domainHint",
      "claims",
      "__proto__",
    );

    fc.assert(
      fc.property(
        fc.oneof(fc.anything(), fc.dictionary(member, fc.anything())),
        (input) => {
          expect(["none", "invalid_request"]).toContain(
            codeOf(() => parseFlowRequest(input)),
          );
        },
      ),
      { seed: 1, numRuns: 1000 },
    );
  });
});

describe("parseFlowRequest: limits", () => {
  it.each([
    ["loginHint", "x".repeat(2048), "x".repeat(2049)],
    ["domainHint", "x".repeat(2048), "x".repeat(2049)],
    ["claims", "{}".padEnd(4096), "{}".padEnd(4097)],
    ["scopes", Array(50).fill("s"), Array(51).fill("s")],
    ["scopes", ["s".repeat(256)], ["s".repeat(257)]],
  ])("accepts %s up to its maximum length", (name, longest, tooLong) => {
    expect(parseFlowRequest({ [name]: longest })).toMatchObject({
      [name]: longest,
    });
    expect(codeOf(() => parseFlowRequest({ [name]: tooLong }))).toBe(
      "invalid_request",
    );
  });

  it("names the malformed hint and its maximum length, and lists the valid prompts", () => {
    expect(() => parseFlowRequest({ loginHint: "\ud800" })).toThrow(
      "loginHint must be a well-formed string of at most 2048 characters",
    );
    expect(() => parseFlowRequest({ prompt: "other" })).toThrow(
      "none, login, consent, select_account, create",
    );
  });
});

describe("parseCallbackParameters: limits", () => {
  it("accepts 50 parameters of 16,384 characters", () => {
    const parameters = Object.fromEntries(
      Array.from({ length: 50 }, (_, index) => [
        `p${index}`,
        "x".repeat(16_384),
      ]),
    );

    expect(parseCallbackParameters(parameters)).toEqual(parameters);
  });
});

describe("parseCallbackParameters", () => {
  it("does not repeat the parameters in its message", () => {
    const many = Object.fromEntries(
      Array.from({ length: 51 }, (_, index) => [`planted${index}`, "x"]),
    );

    expect(() => parseCallbackParameters(many)).toThrow(
      "The callback has too many parameters.",
    );
    expect(() => parseCallbackParameters({ planted: 1 })).toThrow(
      "The callback's parameters must be strings.",
    );
  });

  it("returns strings and lists of strings", () => {
    expect(parseCallbackParameters({ state: "s", code: ["a", "b"] })).toEqual({
      state: "s",
      code: ["a", "b"],
    });
  });

  it.each([
    [undefined],
    [null],
    [[]],
    ["state=s"],
    [{ state: 1 }],
    [{ state: null }],
    [{ state: {} }],
    [{ state: ["a", 1] }],
    [{ state: [["a"]] }],
    [{ code: "x".repeat(16_385) }],
    [
      Object.fromEntries(
        Array.from({ length: 51 }, (_, index) => [`p${index}`, "x"]),
      ),
    ],
  ])("throws invalid_request for %j", (input) => {
    expect(codeOf(() => parseCallbackParameters(input))).toBe(
      "invalid_request",
    );
  });

  it("treats __proto__ as an ordinary parameter", () => {
    const input: unknown = JSON.parse('{"__proto__":"polluted","state":"s"}');

    const parameters = parseCallbackParameters(input);

    expect(Object.getPrototypeOf(parameters)).toBe(Object.prototype);
    expect(Object.hasOwn(parameters, "__proto__")).toBe(true);
    expect({}).not.toHaveProperty("state");
  });

  it("returns parameters or throws invalid_request for any input", () => {
    fc.assert(
      fc.property(fc.anything(), (input) => {
        expect(["none", "invalid_request"]).toContain(
          codeOf(() => parseCallbackParameters(input)),
        );
      }),
      { seed: 1, numRuns: 1000 },
    );
  });
});
