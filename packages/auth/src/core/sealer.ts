import {
  createCipheriv,
  createDecipheriv,
  createHash,
  hkdfSync,
  randomBytes,
} from "node:crypto";
import type { Sealed } from "./identifiers.js";

/** Encrypts and decrypts values for the stores. */
export interface Sealer {
  /** Encrypts the text for one place. At any other place it cannot be decrypted. */
  seal(text: string, place: string): Sealed;

  /** Returns the text; `undefined` if it was altered, moved or encrypted with a secret that is no longer listed. */
  open(sealed: Sealed, place: string): string | undefined;
}

interface SealingKey {
  readonly id: string;
  readonly key: Buffer;
}

const format = "v1";
const ivBytes = 12;
const tagBytes = 16;
const minimumSecretBytes = 32;

/**
 * Creates a sealer (AES-256-GCM) that encrypts with the first secret and decrypts with any. To replace a secret, put
 * the new one in front, and remove the old one when no value that was encrypted with it is needed. A sealed text
 * contains the ID of its key.
 *
 * @throws {TypeError} if the list is empty or a secret has fewer than 32 bytes.
 */
export function createSealer(secrets: readonly Uint8Array[]): Sealer {
  const keys = secrets.map(createSealingKey);
  const [current] = keys;
  if (current === undefined)
    throw new TypeError("createSealer needs at least one secret.");

  return {
    seal: (text, place) => seal(current, text, place),
    open: (sealed, place) => open(keys, sealed, place),
  };
}

function createSealingKey(secret: Uint8Array): SealingKey {
  if (secret.byteLength < minimumSecretBytes) {
    throw new TypeError(
      `A secret needs at least ${minimumSecretBytes} random bytes.`,
    );
  }
  const key = Buffer.from(
    hkdfSync("sha256", secret, "", "entrada sealing key", 32),
  );
  return {
    id: createHash("sha256").update(key).digest("base64url").slice(0, 8),
    key,
  };
}

function seal({ id, key }: SealingKey, text: string, place: string): Sealed {
  const header = `${format}.${id}`;
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv("aes-256-gcm", key, iv);
  cipher.setAAD(createBinding(header, place));
  const body = Buffer.concat([
    iv,
    cipher.update(Buffer.from(text)),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  return `${header}.${body.toString("base64url")}` as Sealed;
}

function open(
  keys: readonly SealingKey[],
  sealed: Sealed,
  place: string,
): string | undefined {
  const [version, id, encoded] = sealed.split(".");
  const key = keys.find((candidate) => candidate.id === id);
  if (version !== format || key === undefined || encoded === undefined)
    return undefined;

  const body = Buffer.from(encoded, "base64url");
  if (body.length < ivBytes + tagBytes) return undefined;
  const decipher = createDecipheriv(
    "aes-256-gcm",
    key.key,
    body.subarray(0, ivBytes),
    { authTagLength: tagBytes },
  );
  decipher.setAAD(createBinding(`${format}.${key.id}`, place));
  decipher.setAuthTag(body.subarray(-tagBytes));
  try {
    return Buffer.concat([
      decipher.update(body.subarray(ivBytes, -tagBytes)),
      decipher.final(),
    ]).toString();
  } catch {
    // Authentication failed: the text was altered, moved or forged.
    return undefined;
  }
}

function createBinding(header: string, place: string): Buffer {
  return Buffer.from(`${header}\n${place}`);
}
