import { describe, expect, it } from "vitest";
import { findViolations } from "../support/chaos/chaos-history.js";
import type { ChaosEntry } from "../support/chaos/chaos-history.js";

const objectId = "ada";
const signedIn: ChaosEntry = { type: "signed_in", isNewUser: false };
const signedOut: ChaosEntry = { type: "signed_out" };
const nobody: ChaosEntry = { type: "asked", objectId: undefined };
const herself: ChaosEntry = { type: "asked", objectId };
const away = (action: "signIn" | "ask" | "signOut"): ChaosEntry => ({
  type: "failed",
  action,
  failure: "503 store_unavailable",
});

describe("findViolations", () => {
  it.each<[string, readonly ChaosEntry[]]>([
    ["a quiet life", [nobody, signedIn, herself, signedOut, nobody]],
    ["a sign-in that failed and one that did not", [away("signIn"), signedIn]],
    ["a question without an answer", [signedIn, away("ask"), herself]],
    ["a sign-out that may have ended it", [signedIn, away("signOut"), nobody]],
    ["a sign-out that may not", [signedIn, away("signOut"), herself]],
  ])("finds nothing in %s", (_name, entries) => {
    expect(findViolations({ objectId, entries })).toEqual([]);
  });

  it.each<[string, readonly ChaosEntry[], RegExp]>([
    ["a lost sign-in", [signedIn, nobody], /entry 1: .*sign-in was lost/],
    ["a lost sign-out", [signedIn, signedOut, herself], /sign-out was lost/],
    [
      "somebody else",
      [signedIn, { type: "asked", objectId: "ben" }],
      /became ben/,
    ],
    ["somebody from nowhere", [herself], /sign-out was lost/],
    [
      "a failure that is not clean",
      [{ type: "failed", action: "ask", failure: "500 internal_error" }],
      /ask failed by 500/,
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
