import { generateKeyPairSync, sign } from "node:crypto";

/** A certificate and its key, both PEM. */
export interface SelfSignedCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

const sequence = 0x30;
const set = 0x31;
const integer = 0x02;
const bitString = 0x03;
const utf8String = 0x0c;
const utcTime = 0x17;
const sha256WithRsa = Buffer.from("300d06092a864886f70d01010b0500", "hex");
const commonName = Buffer.from("0603550403", "hex");

/** Makes the least that X.509 (RFC 5280 §4.1) calls a certificate, valid until 2049. */
export function createSelfSignedCertificate(): SelfSignedCertificate {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
  });
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
    encode(utcTime, Buffer.from("491231235959Z")),
  );
  const body = encode(
    sequence,
    encode(integer, Buffer.from([1])),
    sha256WithRsa,
    name,
    validity,
    name,
    publicKey.export({ type: "spki", format: "der" }),
  );
  const signature = encode(
    bitString,
    Buffer.from([0]),
    sign("sha256", body, privateKey),
  );
  const der = encode(sequence, body, sha256WithRsa, signature);
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${der.toString("base64")}\n-----END CERTIFICATE-----\n`,
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

function encode(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
