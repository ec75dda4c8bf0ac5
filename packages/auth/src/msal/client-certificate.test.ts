import { createPrivateKey } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createSelfSignedCertificate } from "../../test/support/self-signed-certificate.js";
import type { SelfSignedOptions } from "../../test/support/self-signed-certificate.js";
import {
  parseClientCertificate,
  parseClientKey,
} from "./client-certificate.js";

const own = createSelfSignedCertificate();
const other = createSelfSignedCertificate();
const key = createPrivateKey(own.privateKey);
const attributes =
  "Bag Attributes\n    friendlyName: test\nsubject=CN = test\n";

function encrypt(type: "pkcs1" | "pkcs8"): string {
  return key
    .export({
      type,
      format: "pem",
      cipher: "aes-256-cbc",
      passphrase: "distinctive",
    })
    .toString();
}

describe("parseClientKey", () => {
  it.each([
    ["alone", own.privateKey],
    ["before its certificate", own.privateKey + own.certificate],
    ["after its certificate", own.certificate + own.privateKey],
    [
      "between certificates, with the lines that openssl pkcs12 adds",
      `${attributes}${other.certificate}${attributes}${own.privateKey}${own.certificate}`,
    ],
    [
      "in the older format of RSA keys",
      key.export({ type: "pkcs1", format: "pem" }).toString(),
    ],
    ["with the line ends of Windows", own.privateKey.replaceAll("\n", "\r\n")],
    ["after a byte order mark", `\ufeff${own.privateKey}`],
  ])("reads a key %s", (_, pem) => {
    expect(parseClientKey(pem).equals(key)).toBe(true);
  });

  it.each(["pkcs1", "pkcs8"] as const)(
    "[T42] refuses an encrypted key (%s) and names the command that decrypts it",
    (type) => {
      for (const pem of [encrypt(type), own.certificate + encrypt(type)])
        expect(() => parseClientKey(pem)).toThrow(
          /^holds a private key that is encrypted: decrypt it with `openssl pkey /,
        );
    },
  );

  it.each<[NonNullable<SelfSignedOptions["keyType"]>, string]>([
    ["ec", "a key of the type EC"],
    ["ed25519", "a key of the type ED25519"],
    ["rsa-pss", "a key of the type RSA-PSS"],
    ["rsa-1024", "an RSA key of 1024 bits"],
  ])("[T42] refuses a key that Entra does not accept: %s", (keyType, found) => {
    const { privateKey } = createSelfSignedCertificate({ keyType });

    expect(() => parseClientKey(privateKey)).toThrow(
      `holds ${found}, which Microsoft Entra ID does not accept: create a certificate with an RSA key of at least 2048 bits`,
    );
  });

  it.each([
    ["no PEM", "holds no private key in PEM"],
    [own.certificate, "holds no private key in PEM"],
    [
      "-----BEGIN PRIVATE KEY-----\nZGlzdGluY3RpdmU=\n-----END PRIVATE KEY-----\n",
      "holds a private key that cannot be read",
    ],
  ])(
    "refuses text without a usable private key, and does not quote it: %#",
    (pem, finding) => {
      expect(() => parseClientKey(pem)).toThrow(new TypeError(finding));
    },
  );
});

describe("parseClientCertificate", () => {
  it.each([
    ["alone", own.certificate],
    ["first of a chain", own.certificate + other.certificate],
    ["last of a chain", other.certificate + own.certificate],
    ["after its key", own.privateKey + own.certificate],
    [
      "between other blocks",
      `${attributes}${other.certificate}${own.privateKey}${attributes}${own.certificate}${other.certificate}`,
    ],
    [
      "under the older label",
      own.certificate.replaceAll(" CERTIFICATE", " X509 CERTIFICATE"),
    ],
  ])("finds the certificate of the key %s", (_, pem) => {
    const certificate = parseClientCertificate(pem, key);

    expect(certificate.checkPrivateKey(key)).toBe(true);
  });

  it.each([
    [
      other.certificate,
      "holds a certificate that does not belong to the private key",
    ],
    [
      other.certificate +
        createSelfSignedCertificate({ keyType: "ec" }).certificate,
      "holds several certificates, and none belongs to the private key",
    ],
    [own.privateKey, "holds no certificate in PEM"],
    ["no PEM", "holds no certificate in PEM"],
    [
      "-----BEGIN CERTIFICATE-----\nZGlzdGluY3RpdmU=\n-----END CERTIFICATE-----\n",
      "holds a certificate that cannot be read",
    ],
  ])(
    "refuses a text without the certificate of the key: %#",
    (pem, finding) => {
      expect(() => parseClientCertificate(pem, key)).toThrow(
        new TypeError(finding),
      );
    },
  );
});
