import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createSessionToken, parseSessionToken } from "./session-token.js";

describe("createSessionToken", () => {
  it("[S5] creates a unique ID and a unique secret of 256 bits", () => {
    const tokens = Array.from({ length: 1000 }, createSessionToken);

    expect(new Set(tokens.map(({ sessionId }) => sessionId)).size).toBe(1000);
    expect(new Set(tokens.map(({ secretDigest }) => secretDigest)).size).toBe(
      1000,
    );
    expect(
      Buffer.from(tokens[0]?.sessionToken.split(".")[1] ?? "", "base64url"),
    ).toHaveLength(32);
  });

  it("[S6] returns for the store the SHA-256 of the secret, not the secret", () => {
    const { sessionToken, secretDigest } = createSessionToken();

    const secret = sessionToken.split(".")[1] ?? "";

    expect(secretDigest).toBe(
      createHash("sha256").update(secret).digest("base64url"),
    );
    expect(secretDigest).not.toBe(secret);
  });

  it("starts the token with the session ID", () => {
    const { sessionId, sessionToken } = createSessionToken();

    expect(sessionToken.startsWith(`${sessionId}.`)).toBe(true);
  });
});

describe("parseSessionToken", () => {
  it("returns the session ID and the secret's digest", () => {
    const { sessionToken, sessionId, secretDigest } = createSessionToken();

    expect(parseSessionToken(sessionToken)).toEqual({
      sessionId,
      secretDigest,
    });
  });

  it.each([
    undefined,
    "",
    ".",
    "a.b",
    `${"a".repeat(22)}.${"b".repeat(42)}`,
    `${"a".repeat(22)}.${"b".repeat(44)}`,
    `${"a".repeat(21)}.${"b".repeat(43)}`,
    `${"a".repeat(22)}.${"b".repeat(43)}\n`,
    `${"a".repeat(22)}.${"b".repeat(43)}.c`,
    `${"a".repeat(22)}.${"=".repeat(43)}`,
    `${"ä".repeat(22)}.${"b".repeat(43)}`,
    ` ${"a".repeat(22)}.${"b".repeat(43)}`,
    "x".repeat(1_000_000),
  ])("returns undefined for a malformed token", (text) => {
    expect(parseSessionToken(text)).toBeUndefined();
  });
});
