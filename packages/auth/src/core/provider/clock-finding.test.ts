import { errors } from "jose";
import { describe, expect, it } from "vitest";
import { describeWrongClock } from "./clock-finding.js";

const now = new Date(1_000_000);
const behind = ": the server's clock is behind by about 300 s";
const ahead = ": the server's clock is ahead by about 600 s";

describe("describeWrongClock, 1000 s after the epoch", () => {
  it.each([
    [{ iat: 1300, exp: 4900 }, behind],
    [{ iat: 1400, nbf: 1300, exp: 4900 }, behind],
    [{ iat: 1300, nbf: 1400, exp: 4900 }, behind],
    [{ iat: 400, exp: 900 }, ahead],
    [{ iat: 400, nbf: 500, exp: 900 }, ahead],
    // The clock is right.
    [{ iat: 1000, exp: 4600 }, ""],
    [{ iat: 900, exp: 1000 }, ""],
    [{ iat: 1300, nbf: 1000, exp: 4600 }, ""],
    // The times contradict each other.
    [{ iat: 1300, exp: 900 }, ""],
    [{ iat: 1300, exp: 1000 }, ""],
    [{ iat: 500, exp: 500 }, ""],
    [{ iat: 400, nbf: 800, exp: 500 }, ""],
    [{ iat: 800, nbf: 400, exp: 500 }, ""],
    // A time is missing or not a number.
    [{ exp: 4900 }, ""],
    [{ iat: 1300 }, ""],
    [{ iat: 1300, exp: "4900" }, ""],
    [{ iat: "1300", exp: 4900 }, ""],
    [{ iat: "1300", nbf: 1300, exp: 4900 }, ""],
    [{ iat: 1300, nbf: "1300", exp: 4900 }, ""],
    [null, ""],
    [undefined, ""],
    [new Error("other"), ""],
  ])("returns for %j: %j", (found, finding) => {
    expect(describeWrongClock(found, now)).toBe(finding);
  });

  it.each([
    ["exp", new errors.JWTExpired("x", { iat: 400, exp: 900 }, "exp"), ahead],
    [
      "nbf",
      new errors.JWTClaimValidationFailed("x", { iat: 1300, exp: 4900 }, "nbf"),
      behind,
    ],
    [
      "aud",
      new errors.JWTClaimValidationFailed("x", { iat: 1300, exp: 4900 }, "aud"),
      "",
    ],
  ])(
    "reads the times of a token that is refused for its %s: %s returns %j",
    (_, error, finding) => {
      expect(describeWrongClock(error, now)).toBe(finding);
    },
  );
});
