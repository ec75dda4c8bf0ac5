import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fuzzSeed } from "../../../test/support/fuzz-seed.js";
import { createSessionToken, parseSessionToken } from "./session-token.js";

const alphabet =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** The form of a session token, written independently of the parser. */
function hasForm(value: string): boolean {
  const [id = "", secret = "", ...more] = value.split(".");
  return (
    more.length === 0 &&
    id.length === 22 &&
    secret.length === 43 &&
    [...id, ...secret].every((letter) => alphabet.includes(letter))
  );
}

const letter = fc.constantFrom(...alphabet);
const nearlyToken = fc
  .tuple(
    fc.string({ unit: letter, minLength: 21, maxLength: 23 }),
    fc.constantFrom(".", "..", "", ",", "\n.", ". "),
    fc.string({ unit: letter, minLength: 42, maxLength: 44 }),
    fc.constantFrom("", "", "", "\n", " ", "=", ".", "\0"),
  )
  .map((parts) => parts.join(""));

describe("parseSessionToken, for any value", () => {
  it("returns a token if and only if the value has the form of an issued token", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: "binary", maxLength: 100 }), nearlyToken),
        (value) => {
          expect(parseSessionToken(value) !== undefined).toBe(hasForm(value));
        },
      ),
      { seed: fuzzSeed, numRuns: 3000 },
    );
  });

  it("returns the parts of every issued token", () => {
    fc.assert(
      fc.property(fc.constant(undefined).map(createSessionToken), (token) => {
        const { sessionToken, ...parts } = token;

        expect(parseSessionToken(sessionToken)).toEqual(parts);
      }),
      { seed: fuzzSeed, numRuns: 200 },
    );
  });

  it("never returns the same session ID and digest for a token with one changed character", () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 65 }),
        fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
        (index, other) => {
          const { sessionToken, ...parts } = createSessionToken();
          fc.pre(sessionToken[index] !== other);
          const altered = `${sessionToken.slice(0, index)}${other}${sessionToken.slice(index + 1)}`;

          expect(parseSessionToken(altered)).not.toEqual(parts);
        },
      ),
      { seed: fuzzSeed, numRuns: 1000 },
    );
  });
});
