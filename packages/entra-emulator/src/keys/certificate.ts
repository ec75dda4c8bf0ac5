import {
  createHash,
  createSign,
  type KeyObject,
  randomBytes,
} from "node:crypto";

// The part of DER (X.690) that a self-signed X.509 v3 certificate (RFC 5280 §4.1) needs.
const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const EXPLICIT_0 = 0xa0;

const SHA256_WITH_RSA = Buffer.from("300d06092a864886f70d01010b0500", "hex");
const COMMON_NAME = Buffer.from("0603550403", "hex");

/** The content of a self-signed certificate. */
export interface CertificateRequest {
  readonly commonName: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Creates a self-signed RSA certificate and returns its DER bytes. */
export function createCertificate(request: CertificateRequest): Buffer {
  const body = encodeBody(request);
  const signature = createSign("sha256").update(body).sign(request.privateKey);
  return der(
    SEQUENCE,
    body,
    SHA256_WITH_RSA,
    der(BIT_STRING, Buffer.from([0]), signature),
  );
}

/** Returns the base64url SHA-1 digest of a certificate: Entra's `x5t` and `kid`. */
export function certificateThumbprint(certificate: Buffer): string {
  return createHash("sha1").update(certificate).digest("base64url");
}

function encodeBody(request: CertificateRequest): Buffer {
  const name = der(
    SEQUENCE,
    der(
      SET,
      der(
        SEQUENCE,
        COMMON_NAME,
        der(UTF8_STRING, Buffer.from(request.commonName)),
      ),
    ),
  );
  const version3 = der(EXPLICIT_0, der(INTEGER, Buffer.from([2])));
  // A leading 0x01 keeps the serial number positive and of minimal length.
  const serialNumber = der(
    INTEGER,
    Buffer.concat([Buffer.from([1]), randomBytes(15)]),
  );
  const validity = der(
    SEQUENCE,
    utcTime(request.notBefore),
    utcTime(request.notAfter),
  );
  const publicKey = request.publicKey.export({ type: "spki", format: "der" });
  return der(
    SEQUENCE,
    version3,
    serialNumber,
    SHA256_WITH_RSA,
    name,
    validity,
    name,
    publicKey,
  );
}

function utcTime(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]/g, "").slice(2, 14);
  return der(UTC_TIME, Buffer.from(`${digits}Z`));
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([
    Buffer.from([tag, ...lengthOctets(content.length)]),
    content,
  ]);
}

function lengthOctets(length: number): readonly number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}
