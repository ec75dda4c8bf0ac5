import { X509Certificate, createHash } from "node:crypto";
import { importX509, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { createSelfSignedCertificate } from "../../test/support/self-signed-certificate.js";
import { createTestClock } from "../testing/test-clock.js";
import { createMsalCredential } from "./client-credential.js";
import type { ClientCredential } from "./client-credential.js";

const clientCertificate = createSelfSignedCertificate();
const request = {
  clientId: "client-1",
  tokenEndpoint: "https://login.test/token",
};

function openAssertion(...options: Parameters<typeof createMsalCredential>) {
  const credential = createMsalCredential(...options);
  if (!("clientAssertion" in credential))
    throw new Error("The credential has no assertion.");
  return credential.clientAssertion;
}

describe("createMsalCredential", () => {
  it("passes a client secret to MSAL", () => {
    expect(
      createMsalCredential({ clientSecret: "secret" }, () => new Date()),
    ).toEqual({ clientSecret: "secret" });
  });

  it("calls clientAssertion for each token request", async () => {
    let count = 0;
    const clientAssertion = openAssertion(
      {
        clientAssertion: async () => {
          count += 1;
          return `assertion-${count}`;
        },
      },
      () => new Date(),
    );

    const assertions = [
      await clientAssertion(request),
      await clientAssertion(request),
    ];

    expect(assertions).toEqual(["assertion-1", "assertion-2"]);
  });

  it.each<[string, ClientCredential]>([
    ["no credential", {}],
    ["two", { clientSecret: "secret", clientCertificate }],
    [
      "three",
      {
        clientSecret: "secret",
        clientCertificate,
        clientAssertion: async () => "assertion",
      },
    ],
    ["absent ones", { clientSecret: undefined, clientCertificate: undefined }],
    ["an empty secret", { clientSecret: "" }],
  ])("throws at start for %s", (_, credential) => {
    expect(() => createMsalCredential(credential, () => new Date())).toThrow(
      TypeError,
    );
  });

  it("throws for a certificate and a key that do not belong together", () => {
    const { privateKey } = createSelfSignedCertificate();
    const mixed = { certificate: clientCertificate.certificate, privateKey };

    expect(() =>
      createMsalCredential({ clientCertificate: mixed }, () => new Date()),
    ).toThrow(
      "clientCertificate.certificate holds a certificate that does not belong to the private key.",
    );
  });

  it.each(["ec", "rsa-1024"] as const)(
    "throws for a certificate whose key Entra does not accept: %s",
    (keyType) => {
      const pair = createSelfSignedCertificate({ keyType });

      expect(() =>
        createMsalCredential({ clientCertificate: pair }, () => new Date()),
      ).toThrow(
        /^clientCertificate\.privateKey holds an? .*RSA key of at least/,
      );
    },
  );

  it("reads certificate and key from one text, in any order, with other certificates", async () => {
    const { certificate, privateKey } = clientCertificate;
    const text =
      createSelfSignedCertificate().certificate + privateKey + certificate;
    const clientAssertion = openAssertion(
      { clientCertificate: { certificate: text, privateKey: text } },
      () => new Date(),
    );

    const assertion = await clientAssertion(request);

    const { protectedHeader } = await jwtVerify(
      assertion,
      await importX509(certificate, "PS256"),
    );
    expect(protectedHeader["x5t#S256"]).toBe(
      createHash("sha256")
        .update(new X509Certificate(certificate).raw)
        .digest("base64url"),
    );
  });

  it.each([
    { certificate: "nonsense", privateKey: clientCertificate.privateKey },
    { certificate: clientCertificate.certificate, privateKey: "nonsense" },
  ])(
    "throws at start for a pair that cannot be read, and does not quote it",
    (pair) => {
      expect(() =>
        createMsalCredential({ clientCertificate: pair }, () => new Date()),
      ).toThrow(
        expect.objectContaining({
          message: expect.not.stringContaining("BEGIN"),
        }),
      );
    },
  );

  it("signs an assertion with the client, the audience and the certificate", async () => {
    const clock = createTestClock();
    const clientAssertion = openAssertion({ clientCertificate }, clock.now);

    const assertion = await clientAssertion(request);

    const key = await importX509(clientCertificate.certificate, "PS256");
    const { payload, protectedHeader } = await jwtVerify(assertion, key, {
      currentDate: clock.now(),
    });
    const seconds = clock.now().getTime() / 1000;
    expect(protectedHeader).toEqual({
      alg: "PS256",
      typ: "JWT",
      "x5t#S256": createHash("sha256")
        .update(new X509Certificate(clientCertificate.certificate).raw)
        .digest("base64url"),
    });
    expect(payload).toEqual({
      iss: "client-1",
      sub: "client-1",
      aud: "https://login.test/token",
      iat: seconds,
      nbf: seconds,
      exp: seconds + 600,
      jti: expect.any(String),
    });
  });

  it("signs at most once in five minutes", async () => {
    const clock = createTestClock();
    const clientAssertion = openAssertion({ clientCertificate }, clock.now);
    const assertions: unknown[] = [];

    for (const seconds of [0, 1, 298, 1]) {
      clock.advance(seconds);
      assertions.push(await clientAssertion(request));
    }

    expect(assertions[1]).toBe(assertions[0]);
    expect(assertions[2]).toBe(assertions[0]);
    expect(assertions[3]).not.toBe(assertions[0]);
  });

  it("signs again for another token endpoint", async () => {
    const clientAssertion = openAssertion(
      { clientCertificate },
      createTestClock().now,
    );

    const first = await clientAssertion(request);
    const second = await clientAssertion({
      ...request,
      tokenEndpoint: "https://login.test/other",
    });

    expect(second).not.toBe(first);
  });
});
