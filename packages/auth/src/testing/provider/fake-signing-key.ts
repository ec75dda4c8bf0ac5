import { generateKeyPairSync } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { JWK } from "jose";

/** A signing key of the fake identity provider. */
export interface FakeSigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  /** What the provider publishes of it. */
  readonly jwk: JWK;
}

type KeyPair = ReturnType<typeof createRsaPair>;

const modulusBits = 2048;
const pairs: KeyPair[] = [];

/** Returns the n-th key of this process: each is made at first use, because making one takes long. */
export function createFakeSigningKey(index: number): FakeSigningKey {
  const pair = (pairs[index] ??= createRsaPair());
  const kid = `key-${index + 1}`;
  return {
    kid,
    privateKey: pair.privateKey,
    jwk: {
      ...pair.publicKey.export({ format: "jwk" }),
      kid,
      use: "sig",
      alg: "RS256",
    },
  };
}

/** Returns an elliptic curve key: genuine, and of the wrong kind. */
export function createForeignSigningKey(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
}

function createRsaPair(): {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
} {
  return generateKeyPairSync("rsa", { modulusLength: modulusBits });
}
