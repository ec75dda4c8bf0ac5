import { CompactSign } from "jose";
import type { CompactJWSHeaderParameters } from "jose";
import { withoutAbsent } from "../../core/fields.js";
import {
  createForeignSigningKey,
  createFakeSigningKey,
} from "./fake-signing-key.js";
import type { FakeSigningKey } from "./fake-signing-key.js";

/** How a token is signed. Only `right` is valid. */
export type FakeSignature =
  | "right"
  /** No signature, `alg: none`. */
  | "none"
  /** HMAC with the client secret as the key. */
  | "hs256_client_secret"
  /** A valid ES256 signature by an unpublished key. */
  | "es256"
  /** RS256 by an unpublished key, under the `kid` of the published one. */
  | "unpublished_key"
  /** The signature of other claims. */
  | "altered_payload";

/** Changes to an ordinary token. A member that is `undefined` is omitted. */
export interface TokenChange {
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
  readonly header?: Readonly<Record<string, unknown>> | undefined;
  readonly signature?: FakeSignature | undefined;
}

/** A token before it is signed. */
export interface UnsignedToken {
  readonly claims: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>> | undefined;
  readonly key: FakeSigningKey;
  readonly clientSecret: string;
}

const unpublishedKeyIndex = 9;

/** Signs a token with the changes. */
export async function signFakeToken(
  { claims, header, key, clientSecret }: UnsignedToken,
  change: TokenChange = {},
): Promise<string> {
  const payload = encode({ ...claims, ...change.claims });
  const createHeader = (alg: string): CompactJWSHeaderParameters => ({
    alg,
    typ: "JWT",
    kid: key.kid,
    ...header,
    ...change.header,
  });
  const sign = (alg: string, signer: Parameters<CompactSign["sign"]>[0]) =>
    new CompactSign(payload)
      .setProtectedHeader({ alg, ...withoutAbsent(createHeader(alg)) })
      .sign(signer);

  switch (change.signature) {
    case "none":
      return `${toBase64Url(encode(createHeader("none")))}.${toBase64Url(payload)}.`;
    case "hs256_client_secret":
      return sign("HS256", new TextEncoder().encode(clientSecret));
    case "es256":
      return sign("ES256", createForeignSigningKey());
    case "unpublished_key":
      return sign(
        "RS256",
        createFakeSigningKey(unpublishedKeyIndex).privateKey,
      );
    case "altered_payload": {
      const [head, , signature] = (await sign("RS256", key.privateKey)).split(
        ".",
      );
      const altered = encode({ ...claims, ...change.claims, name: "Mallory" });
      return `${head}.${toBase64Url(altered)}.${signature}`;
    }
    default:
      return sign("RS256", key.privateKey);
  }
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function toBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}
