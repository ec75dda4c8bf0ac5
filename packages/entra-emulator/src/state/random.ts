import { createHash, randomBytes } from "node:crypto";

/** Returns `bytes` random bytes as base64url. */
export function randomToken(bytes: number): string {
  return randomBytes(bytes).toString("base64url");
}

/** Returns the SHA-256 digest of `text` as base64url: 43 characters. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
