import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fuzzSeed } from "../../../test/support/fuzz-seed.js";
import { isAuthError } from "../error.js";
import { parseCallbackParameters, parseFlowRequest } from "./flow-request.js";

const knownMembers = [
  "returnUrl",
  "scopes",
  "prompt",
  "loginHint",
  "domainHint",
  "claims",
  "maxAgeSeconds",
];
const names = fc.constantFrom(
  ...knownMembers,
  "state",
  "code",
  "error",
  "iss",
  "session_state",
  "x",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "then",
  "toJSON",
  "length",
  "valueOf",
  "",
);
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom("none", "login", "select_account", "create", "User.Read"),
  fc.constantFrom("{}", '{"id_token":{}}', '{"id_token":1}', "[]", "null"),
  fc.constantFrom("\ud800", "\0", "a b", '"', "\\", "\u{1f600}"),
  fc.constantFrom("[", '{"a":').map((open) => open.repeat(2000)),
  fc.integer({ min: 250, max: 20_000 }).map((length) => "x".repeat(length)),
);
const nested = fc
  .tuple(fc.constantFrom("list", "object"), fc.integer({ min: 1, max: 10_000 }))
  .map(([kind, depth]): unknown => {
    const [open, close] = kind === "list" ? ["[", "]"] : ['{"a":', "}"];
    return JSON.parse(
      `${open.repeat(depth)}1${close.repeat(depth)}`.replace("[1]", "[]"),
    );
  });
const long = fc
  .tuple(text, fc.constantFrom(49, 50, 51, 20_000))
  .map(([item, count]) => Array.from({ length: count }, () => item));
const value = fc.oneof(
  { weight: 6, arbitrary: text },
  { weight: 3, arbitrary: fc.array(text, { maxLength: 4 }) },
  { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 1, arbitrary: nested },
  { weight: 1, arbitrary: long },
);
/** Few properties at a time: a single malformed one makes the parser refuse the others as well. */
const scopes = fc.oneof(
  fc.array(fc.constantFrom("User.Read", "api://a/b", "a b", "\u00e9", ""), {
    maxLength: 3,
  }),
  fc
    .constantFrom(1, 49, 50, 51, 200)
    .map((count) => Array.from({ length: count }, () => "User.Read")),
);
const fewMembers = fc
  .tuple(
    fc.record({
      returnUrl: text,
      scopes,
      prompt: text,
      loginHint: text,
      domainHint: text,
      claims: text,
    }),
    fc.subarray(knownMembers, { minLength: 1, maxLength: 2 }),
  )
  .map(([members, chosen]) =>
    Object.fromEntries(
      Object.entries(members).filter(([name]) => chosen.includes(name)),
    ),
  );
/** Parsed JSON, in which `__proto__` is an ordinary property. */
const input = fc.oneof(
  { weight: 1, arbitrary: fc.jsonValue() },
  { weight: 1, arbitrary: value },
  { weight: 6, arbitrary: fewMembers },
  {
    weight: 6,
    arbitrary: fc
      .array(fc.tuple(names, value), { maxLength: 5 })
      .map((entries) => Object.fromEntries(entries)),
  },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 45, max: 60 })
      .map((count) =>
        Object.fromEntries(
          Array.from({ length: count }, (_, index) => [`p${index}`, "x"]),
        ),
      ),
  },
);

/** Returns the result, or `invalid_request` if it was refused. Rethrows any other error. */
function attempt<Result>(act: () => Result): Result | "invalid_request" {
  try {
    return act();
  } catch (error) {
    if (isAuthError(error) && error.code === "invalid_request")
      return error.code;
    throw error;
  }
}

function expectOrdinaryObject(object: object): void {
  expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
  expect(Object.keys(Object.prototype)).toEqual([]);
}

const isText = (candidate: unknown) => typeof candidate === "string";
const parameters = { seed: fuzzSeed, numRuns: 1500 };

describe("parseFlowRequest, for any JSON", () => {
  it("[R11] returns a well-formed request with only known properties, or throws invalid_request", () => {
    fc.assert(
      fc.property(input, (json) => {
        const request = attempt(() => parseFlowRequest(json));

        if (request === "invalid_request") return;
        expectOrdinaryObject(request);
        expect(knownMembers).toEqual(
          expect.arrayContaining(Object.keys(request)),
        );
        const { returnUrl, scopes, prompt, loginHint, domainHint, claims } =
          request;
        expect(scopes?.length).toBeLessThanOrEqual(50);
        expect(
          scopes?.every((scope) => /^[!#-[\]-~]{1,256}$/.test(scope)),
        ).toBe(true);
        for (const member of [returnUrl, prompt, loginHint, domainHint, claims])
          expect(member === undefined || isText(member)).toBe(true);
        // The values must be encodable for the authorization URL.
        for (const member of [prompt, loginHint, domainHint, claims])
          expect(() => encodeURIComponent(member ?? "")).not.toThrow();
        expect(JSON.parse(claims ?? "{}")).toEqual(expect.any(Object));
      }),
      parameters,
    );
  });
});

describe("parseCallbackParameters, for any JSON", () => {
  it("returns the same strings and lists of strings, or throws invalid_request", () => {
    fc.assert(
      fc.property(input, (json) => {
        const result = attempt(() => parseCallbackParameters(json));

        if (result === "invalid_request") return;
        expectOrdinaryObject(result);
        const entries = Object.entries(result);
        expect(entries.length).toBeLessThanOrEqual(50);
        expect(entries).toEqual(Object.entries(json ?? {}));
        expect(
          entries.every(([, member]) =>
            Array.isArray(member) ? member.every(isText) : isText(member),
          ),
        ).toBe(true);
      }),
      parameters,
    );
  });
});
