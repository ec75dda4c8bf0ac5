import { describe, expect, it } from "vitest";
import { findViolations } from "../support/chaos/chaos-history.js";
import type { ChaosEntry } from "../support/chaos/chaos-history.js";

const objectId = "ada";
const signedIn: ChaosEntry = { type: "signed_in", isNewUser: false };
const signedOut: ChaosEntry = { type: "signed_out" };
const askedSignedOut: ChaosEntry = { type: "asked", objectId: undefined };
const askedSignedIn: ChaosEntry = { type: "asked", objectId };
const away = (action: "signIn" | "ask" | "signOut"): ChaosEntry => ({
  type: "failed",
  action,
  failure: "503 store_unavailable",
});

describe("findViolations", () => {
  it.each<[string, readonly ChaosEntry[]]>([
    [
      "a sign-in and a sign-out",
      [askedSignedOut, signedIn, askedSignedIn, signedOut, askedSignedOut],
    ],
    [
      "a sign-in that failed before one that succeeded",
      [away("signIn"), signedIn],
    ],
    ["a failed auth.me", [signedIn, away("ask"), askedSignedIn]],
    [
      "a failed sign-out that ended the session",
      [signedIn, away("signOut"), askedSignedOut],
    ],
    [
      "a failed sign-out that did not end the session",
      [signedIn, away("signOut"), askedSignedIn],
    ],
  ])("finds nothing in %s", (_name, entries) => {
    expect(findViolations({ objectId, entries })).toEqual([]);
  });

  it.each<[string, readonly ChaosEntry[], RegExp]>([
    [
      "a lost sign-in",
      [signedIn, askedSignedOut],
      /entry 1: .*sign-in was lost/,
    ],
    [
      "a lost sign-out",
      [signedIn, signedOut, askedSignedIn],
      /sign-out was lost/,
    ],
    [
      "a session of another user",
      [signedIn, { type: "asked", objectId: "ben" }],
      /became ben/,
    ],
    ["a session without a sign-in", [askedSignedIn], /sign-out was lost/],
    [
      "a failure other than an orderly 503",
      [{ type: "failed", action: "ask", failure: "500 internal_error" }],
      /ask failed with 500/,
    ],
    [
      "two first sign-ins",
      [
        { type: "signed_in", isNewUser: true },
        { type: "signed_in", isNewUser: true },
      ],
      /new user 2 times/,
    ],
  ])("finds %s", (_name, entries, violation) => {
    expect(findViolations({ objectId, entries })).toEqual([
      expect.stringMatching(violation),
    ]);
  });
});
