import { describe, expect, it } from "vitest";
import {
  createDigest,
  createName,
  createSecret,
  isSameDigest,
} from "./digest.js";
import type { Digest } from "./identifiers.js";

describe("createSecret", () => {
  it("returns 256 bits as 43 characters that need no escaping in URLs and cookies", () => {
    const secret = createSecret();

    expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(Buffer.from(secret, "base64url")).toHaveLength(32);
    expect(createSecret()).not.toBe(secret);
  });
});

describe("createName", () => {
  it("returns 128 bits as 22 characters that need no escaping in URLs and cookies", () => {
    const name = createName();

    expect(name).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(Buffer.from(name, "base64url")).toHaveLength(16);
    expect(createName()).not.toBe(name);
  });
});

describe("createDigest", () => {
  it("returns the SHA-256 of the text as base64url", () => {
    // FIPS 180-4, example of one block.
    const digest = "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0";

    expect(createDigest("abc")).toBe(digest);
  });
});

describe("isSameDigest", () => {
  const digest = createDigest("abc");

  it("returns true for two equal digests", () => {
    expect(isSameDigest(digest, createDigest("abc"))).toBe(true);
  });

  it.each([
    ["the digest of another text", createDigest("abd")],
    ["an empty string", "" as Digest],
    ["its own prefix", digest.slice(0, -1) as Digest],
    ["itself with a suffix", `${digest}A` as Digest],
  ])("returns false for a digest and %s", (_, other) => {
    expect(isSameDigest(digest, other)).toBe(false);
    expect(isSameDigest(other, digest)).toBe(false);
  });
});
