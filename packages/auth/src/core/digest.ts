import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Digest } from "./identifiers.js";

/** Returns 256 random bits as 43 characters of base64url, which need no escaping in URLs and cookies. */
export function createSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** Returns 128 random bits as 22 characters of base64url: a unique name. */
export function createName(): string {
  return randomBytes(16).toString("base64url");
}

/** Returns the SHA-256 of a secret as base64url, for a store to keep. The secret must be random: there is no salt. */
export function createDigest(secret: string): Digest {
  return createHash("sha256").update(secret).digest("base64url") as Digest;
}

/** Compares two digests in constant time. */
export function isSameDigest(one: Digest, other: Digest): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
