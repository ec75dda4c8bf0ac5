import { generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { addSeconds } from "../state/clock.js";
import { certificateThumbprint, createCertificate } from "./certificate.js";

const generate = promisify(generateKeyPair);
const FIVE_YEARS_SECONDS = 5 * 365 * 24 * 60 * 60;

/** An RSA key that signs tokens, with its certificate. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** The certificate as base64 DER, as in `x5c`. */
  readonly certificate: string;
}

/** Generates an RSA 2048 key and a self-signed certificate for it. */
export async function generateSigningKey(
  commonName: string,
  now: Date,
): Promise<SigningKey> {
  const { privateKey, publicKey } = await generate("rsa", {
    modulusLength: 2048,
  });
  const certificate = createCertificate({
    commonName,
    privateKey,
    publicKey,
    notBefore: now,
    notAfter: addSeconds(now, FIVE_YEARS_SECONDS),
  });
  return {
    kid: certificateThumbprint(certificate),
    privateKey,
    publicKey,
    certificate: certificate.toString("base64"),
  };
}
