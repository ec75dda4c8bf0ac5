import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
} from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { JWK } from "jose";

/** A signing key of the fake identity provider. */
export interface FakeSigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  /** The public key that the provider publishes. */
  readonly jwk: JWK;
}

interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const encodings = {
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
} as const;
const pairs: KeyPair[] = [];

/** Returns a key of this process by its index. Keys are created at first use, because that is slow. */
export function createFakeSigningKey(index: number): FakeSigningKey {
  const { privateKey, publicKey } = (pairs[index] ??= createRsaPair());
  const kid = `key-${index + 1}`;
  const jwk = publicKey.export({ format: "jwk" });
  return { kid, privateKey, jwk: { ...jwk, kid, use: "sig", alg: "RS256" } };
}

/** Returns an elliptic curve key, which is valid but of the wrong type. */
export function createForeignSigningKey(): KeyObject {
  const options = { namedCurve: "P-256", ...encodings };
  return importPair(generateKeyPairSync("ec", options)).privateKey;
}

function createRsaPair(): KeyPair {
  const options = { modulusLength: 2048, ...encodings };
  return importPair(generateKeyPairSync("rsa", options));
}

/**
 * Imports a key pair from PEM strings. In Node.js 20, key objects of `generateKeyPairSync` can block the process forever:
 * their export as JWK, which `jose` uses, holds a lock that the garbage collector also takes.
 */
function importPair(texts: Readonly<Record<keyof KeyPair, string>>): KeyPair {
  return {
    privateKey: createPrivateKey(texts.privateKey),
    publicKey: createPublicKey(texts.publicKey),
  };
}
