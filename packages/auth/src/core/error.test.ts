import { describe, expect, it } from "vitest";
import {
  AuthError,
  authErrorCodes,
  isAuthError,
  isAuthErrorCode,
  withDetails,
} from "./error.js";

describe("isAuthError", () => {
  it("returns true for an AuthError, also of another installed copy of the package", () => {
    const foreign = Object.assign(new Error("Sign in first."), {
      name: "AuthError",
      code: "not_signed_in",
    });

    expect(isAuthError(new AuthError("not_signed_in", "Sign in first."))).toBe(
      true,
    );
    expect(isAuthError(foreign)).toBe(true);
  });

  it.each([
    [undefined],
    [null],
    ["AuthError"],
    [new Error("other")],
    [Object.assign(new Error("MSAL's"), { name: "AuthError", errorCode: "x" })],
    [
      Object.assign(new Error("other"), {
        name: "AuthError",
        code: "unknown_code",
      }),
    ],
    [{ name: "AuthError", code: "not_signed_in" }],
    [Object.assign(new Error("another's"), { code: "not_signed_in" })],
  ])("returns false for %s", (value) => {
    expect(isAuthError(value)).toBe(false);
  });
});

describe("authErrorCodes", () => {
  it("are unique and in snake case", () => {
    expect(new Set(authErrorCodes).size).toBe(authErrorCodes.length);
    expect(
      authErrorCodes.every(
        (code) => /^[a-z]+(_[a-z]+)*$/.test(code) && isAuthErrorCode(code),
      ),
    ).toBe(true);
  });
});

describe("AuthError", () => {
  it("has the given cause, and no cause property without one", () => {
    const cause = new Error("database");

    expect(
      new AuthError("store_unavailable", "The database does not answer.", {
        cause,
      }).cause,
    ).toBe(cause);
    expect(
      "cause" in
        new AuthError("store_unavailable", "The database does not answer."),
    ).toBe(false);
  });
});

describe("AuthError.isFlowTaken", () => {
  it.each([
    [undefined, false],
    [false, false],
    [true, true],
  ])("is for the option %s: %s", (isFlowTaken, expected) => {
    const error = new AuthError("not_signed_in", "x", { isFlowTaken });

    expect(error.isFlowTaken).toBe(expected);
  });
});

describe("withDetails", () => {
  it("returns a copy with the details and leaves the error as it is", () => {
    const cause = new Error("database");
    const error = new AuthError("interaction_required", "Sign in again.", {
      cause,
      claims: "{}",
    });

    const copy = withDetails(error, { userId: "user-ada" });

    expect(error.userId).toBeUndefined();
    expect(copy).toBeInstanceOf(AuthError);
    expect(copy).toMatchObject({
      code: "interaction_required",
      message: "Sign in again.",
      claims: "{}",
      userId: "user-ada",
    });
    expect(copy.cause).toBe(cause);
    expect(copy.stack).toBe(error.stack);
  });
});
