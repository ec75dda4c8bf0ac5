import { createHash, randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import {
  parseClientCertificate,
  parseClientKey,
} from "./client-certificate.js";
import type { ClientCertificate } from "./client-certificate.js";

/** The credential of our client at the token endpoint: exactly one of the three. */
export interface ClientCredential {
  readonly clientSecret?: string | undefined;
  /**
   * A certificate that is registered for the client, and its RSA key, both as PEM. Other PEM blocks are ignored. The
   * key never leaves the server.
   */
  readonly clientCertificate?:
    { readonly certificate: string; readonly privateKey: string } | undefined;
  /** Returns a signed assertion, such as the federated token of a workload identity. Called for each token request. */
  readonly clientAssertion?: (() => Promise<string>) | undefined;
}

type CertificatePair = NonNullable<ClientCredential["clientCertificate"]>;

/** A credential as MSAL's configuration takes it. */
export type MsalCredential =
  | { readonly clientSecret: string }
  | { readonly clientAssertion: CreateAssertion };

type CreateAssertion = (config: {
  readonly clientId: string;
  readonly tokenEndpoint?: string | undefined;
}) => Promise<string>;

const assertionSeconds = 600;
const reuseSeconds = 300;

/**
 * Returns the credential as MSAL's configuration takes it. A certificate becomes an assertion callback that signs at
 * most once in five minutes, because MSAL would sign for every call.
 *
 * @throws {TypeError} if there is not exactly one credential, or if the certificate or its key cannot be used.
 */
export function createMsalCredential(
  credential: ClientCredential,
  now: () => Date,
): MsalCredential {
  const { clientSecret, clientCertificate, clientAssertion } = credential;
  const given = [clientSecret, clientCertificate, clientAssertion].filter(
    (value) => value !== undefined && value !== "",
  );
  if (given.length !== 1) {
    throw new TypeError(
      "Give exactly one of clientSecret, clientCertificate and clientAssertion.",
    );
  }
  if (clientSecret !== undefined && clientSecret !== "")
    return { clientSecret };
  if (clientAssertion !== undefined) return { clientAssertion };
  return {
    clientAssertion: createCertificateAssertion(clientCertificate, now),
  };
}

function createCertificateAssertion(
  pair: ClientCredential["clientCertificate"],
  now: () => Date,
): CreateAssertion {
  if (pair === undefined) throw new TypeError("clientCertificate is missing.");
  const { privateKey, certificate } = parsePair(pair);
  const thumbprint = createHash("sha256")
    .update(certificate.raw)
    .digest("base64url");
  let reusable:
    | {
        readonly assertion: string;
        readonly audience: string;
        readonly until: number;
      }
    | undefined;

  return async ({ clientId, tokenEndpoint = "" }) => {
    const seconds = Math.floor(now().getTime() / 1000);
    if (
      reusable !== undefined &&
      reusable.audience === tokenEndpoint &&
      seconds < reusable.until
    ) {
      return reusable.assertion;
    }
    const assertion = await new SignJWT({ jti: randomUUID() })
      .setProtectedHeader({ alg: "PS256", typ: "JWT", "x5t#S256": thumbprint })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(tokenEndpoint)
      .setIssuedAt(seconds)
      .setNotBefore(seconds)
      .setExpirationTime(seconds + assertionSeconds)
      .sign(privateKey);
    reusable = {
      assertion,
      audience: tokenEndpoint,
      until: seconds + reuseSeconds,
    };
    return assertion;
  };
}

function parsePair({
  certificate,
  privateKey,
}: CertificatePair): ClientCertificate {
  const key = withName("privateKey", () => parseClientKey(privateKey));
  return {
    privateKey: key,
    certificate: withName("certificate", () =>
      parseClientCertificate(certificate, key),
    ),
  };
}

function withName<Value>(
  member: keyof CertificatePair,
  parse: () => Value,
): Value {
  try {
    return parse();
  } catch (cause) {
    const finding = cause instanceof Error ? cause.message : "cannot be read";
    throw new TypeError(`clientCertificate.${member} ${finding}.`, { cause });
  }
}
