import { X509Certificate, createPrivateKey } from "node:crypto";
import type { KeyObject } from "node:crypto";

/** A certificate and its private key. */
export interface ClientCertificate {
  readonly certificate: X509Certificate;
  readonly privateKey: KeyObject;
}

interface PemBlock {
  readonly label: string;
  readonly text: string;
}

const pemBlock = /-----BEGIN ([A-Z0-9 ]+)-----[^]+?-----END \1-----/g;
const certificateLabels: readonly string[] = [
  "CERTIFICATE",
  "X509 CERTIFICATE",
];
/** The minimum for PS256 (RFC 7518 §3.5) and for Entra. */
const minimumKeyBits = 2048;

/**
 * Parses the private key of a client certificate. The text may hold other PEM blocks, in any order.
 *
 * @throws {TypeError} with a message that follows the name of the file or option: "holds no private key in PEM".
 */
export function parseClientKey(pem: string): KeyObject {
  const block = listBlocks(pem).find(({ label }) =>
    label.endsWith("PRIVATE KEY"),
  );
  if (block === undefined) throw new TypeError("holds no private key in PEM");
  if (isEncrypted(block))
    throw new TypeError(
      "holds a private key that is encrypted: decrypt it with `openssl pkey -in encrypted.pem -out decrypted.pem`",
    );
  return requireUsableKey(readPrivateKey(block));
}

/**
 * Parses the certificate that belongs to the key. The text may hold other PEM blocks, in any order, such as the
 * certificates of its issuers and the key itself.
 *
 * @throws {TypeError} with a message that follows the name of the file or option: "holds no certificate in PEM".
 */
export function parseClientCertificate(
  pem: string,
  privateKey: KeyObject,
): X509Certificate {
  const certificates = parseCertificates(pem);
  const own = certificates.find((certificate) =>
    certificate.checkPrivateKey(privateKey),
  );
  if (own !== undefined) return own;
  throw new TypeError(
    certificates.length === 1
      ? "holds a certificate that does not belong to the private key"
      : "holds several certificates, and none belongs to the private key",
  );
}

/** @throws {TypeError} with a message that follows the name of the file or option: "holds no certificate in PEM". */
export function parseCertificates(pem: string): readonly X509Certificate[] {
  const blocks = listBlocks(pem).filter(({ label }) =>
    certificateLabels.includes(label),
  );
  if (blocks.length === 0) throw new TypeError("holds no certificate in PEM");
  try {
    return blocks.map(({ text }) => new X509Certificate(text));
  } catch {
    throw new TypeError("holds a certificate that cannot be read");
  }
}

function listBlocks(pem: string): readonly PemBlock[] {
  return [...pem.matchAll(pemBlock)].map(([text, label = ""]) => ({
    label,
    text,
  }));
}

/** The older format has a header for it (RFC 1421 §4.6.1.1), the newer one a label (RFC 7468 §11). */
function isEncrypted({ label, text }: PemBlock): boolean {
  return (
    label === "ENCRYPTED PRIVATE KEY" ||
    /^Proc-Type: *4, *ENCRYPTED/m.test(text)
  );
}

function readPrivateKey({ text }: PemBlock): KeyObject {
  try {
    return createPrivateKey(text);
  } catch {
    throw new TypeError("holds a private key that cannot be read");
  }
}

function requireUsableKey(key: KeyObject): KeyObject {
  const { asymmetricKeyType: type = "unknown", asymmetricKeyDetails } = key;
  const bits = asymmetricKeyDetails?.modulusLength ?? 0;
  if (type === "rsa" && bits >= minimumKeyBits) return key;
  const found =
    type === "rsa"
      ? `an RSA key of ${bits} bits`
      : `a key of the type ${type.toUpperCase()}`;
  throw new TypeError(
    `holds ${found}, which Microsoft Entra ID does not accept: create a certificate with an RSA key of at least ${minimumKeyBits} bits`,
  );
}
