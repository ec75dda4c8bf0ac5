import { generateKeyPairSync, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";

/** A certificate and its key, both PEM. */
export interface SelfSignedCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

/** The options of a certificate. */
export interface SelfSignedOptions {
  /** Default: RSA of 2048 bits. */
  readonly keyType?: "rsa" | "rsa-1024" | "rsa-pss" | "ec" | "ed25519";
  /** The host name of a TLS server certificate. */
  readonly dnsName?: string;
  /** The end of validity as UTCTime, `yymmddhhmmssZ`. Default: 2049. */
  readonly notAfter?: string;
}

const sequence = 0x30;
const set = 0x31;
const integer = 0x02;
const bitString = 0x03;
const octetString = 0x04;
const utf8String = 0x0c;
const utcTime = 0x17;
const dnsNameTag = 0x82;
const version = 0xa0;
const extensions = 0xa3;
const sha256WithRsa = Buffer.from("300d06092a864886f70d01010b0500", "hex");
const commonName = Buffer.from("0603550403", "hex");
const subjectAlternativeName = Buffer.from("0603551d11", "hex");

const keyPairs = {
  rsa: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
  "rsa-1024": () => generateKeyPairSync("rsa", { modulusLength: 1024 }),
  "rsa-pss": () => generateKeyPairSync("rsa-pss", { modulusLength: 2048 }),
  ec: () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
  ed25519: () => generateKeyPairSync("ed25519"),
} as const;

/**
 * Creates a minimal X.509 certificate (RFC 5280 §4.1), valid until 2049. Its signature algorithm is correct only for
 * RSA keys.
 */
export function createSelfSignedCertificate({
  keyType = "rsa",
  dnsName,
  notAfter = "491231235959Z",
}: SelfSignedOptions = {}): SelfSignedCertificate {
  const { privateKey, publicKey } = keyPairs[keyType]();
  const name = encode(
    sequence,
    encode(
      set,
      encode(sequence, commonName, encode(utf8String, Buffer.from("test"))),
    ),
  );
  const validity = encode(
    sequence,
    encode(utcTime, Buffer.from("200101000000Z")),
    encode(utcTime, Buffer.from(notAfter)),
  );
  const body = encode(
    sequence,
    encode(version, encode(integer, Buffer.from([2]))),
    encode(integer, Buffer.from([1])),
    sha256WithRsa,
    name,
    validity,
    name,
    publicKey.export({ type: "spki", format: "der" }),
    ...(dnsName === undefined ? [] : [encodeExtensions(dnsName)]),
  );
  const signature = encode(
    bitString,
    Buffer.from([0]),
    signBody(body, privateKey),
  );
  const der = encode(sequence, body, sha256WithRsa, signature);
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${der.toString("base64")}\n-----END CERTIFICATE-----\n`,
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

function encodeExtensions(dnsName: string): Buffer {
  const names = encode(sequence, encode(dnsNameTag, Buffer.from(dnsName)));
  const extension = encode(
    sequence,
    subjectAlternativeName,
    encode(octetString, names),
  );
  return encode(extensions, encode(sequence, extension));
}

function signBody(body: Buffer, privateKey: KeyObject): Buffer {
  const digest = privateKey.asymmetricKeyType === "ed25519" ? null : "sha256";
  return sign(digest, body, privateKey);
}

function encode(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
