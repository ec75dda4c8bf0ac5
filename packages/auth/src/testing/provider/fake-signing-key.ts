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
  /** What the provider publishes of it. */
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

/** Returns the n-th key of this process: each is made at first use, because making one takes long. */
export function createFakeSigningKey(index: number): FakeSigningKey {
  const { privateKey, publicKey } = (pairs[index] ??= createRsaPair());
  const kid = `key-${index + 1}`;
  const jwk = publicKey.export({ format: "jwk" });
  return { kid, privateKey, jwk: { ...jwk, kid, use: "sig", alg: "RS256" } };
}

/** Returns an elliptic curve key: genuine, and of the wrong kind. */
export function createForeignSigningKey(): KeyObject {
  const options = { namedCurve: "P-256", ...encodings };
  return importPair(generateKeyPairSync("ec", options)).privateKey;
}

function createRsaPair(): KeyPair {
  const options = { modulusLength: 2048, ...encodings };
  return importPair(generateKeyPairSync("rsa", options));
}

/**
 * Imports a pair from its texts. In Node 20 the key objects of `generateKeyPairSync` itself can stop the process for ever:
 * their export as JWK, which `jose` does too, holds a lock that the garbage collector takes as well.
 */
function importPair(texts: Readonly<Record<keyof KeyPair, string>>): KeyPair {
  return {
    privateKey: createPrivateKey(texts.privateKey),
    publicKey: createPublicKey(texts.publicKey),
  };
}
