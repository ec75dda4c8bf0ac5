import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type { JsonWebKey } from "node:crypto";
import { personAt } from "./person.js";
import { registration, tenantUrlOf } from "./registration.js";

/** Issues tokens with the claims of Entra ID. */
export interface TokenIssuer {
  readonly publicKey: JsonWebKey & { readonly kid: string };
  issue(request: TokenRequest): TokenResponse;
}

export interface TokenRequest {
  readonly person: number;
  readonly nonce: string | undefined;
  readonly scope: string;
}

type TokenResponse = Readonly<Record<string, string | number>>;

const lifetimeSeconds = 3900;
const clockSetBackSeconds = 300;
/** With an access token of this size the response has about 3 kB, like Entra's. */
const accessTokenBytes = 1400;

/** Creates an issuer with a new key of 2,048 bits. */
export function createTokenIssuer(provider: string): TokenIssuer {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
  });
  const kid = randomBytes(20).toString("base64url");
  const header = encode({ typ: "JWT", alg: "RS256", kid });
  const accessToken = randomBytes(accessTokenBytes).toString("base64url");
  return {
    publicKey: { ...publicKey.export({ format: "jwk" }), kid, use: "sig" },
    issue: (request) => {
      const content = `${header}.${encode(createClaims(provider, request))}`;
      const signature = sign("sha256", Buffer.from(content), privateKey);
      return createResponse(
        request,
        `${content}.${signature.toString("base64url")}`,
        accessToken,
      );
    },
  };
}

function createResponse(
  { person, scope }: TokenRequest,
  idToken: string,
  accessToken: string,
): TokenResponse {
  const { objectId } = personAt(person);
  return {
    token_type: "Bearer",
    scope,
    expires_in: lifetimeSeconds,
    ext_expires_in: lifetimeSeconds,
    access_token: accessToken,
    id_token: idToken,
    client_info: encode({ uid: objectId, utid: registration.tenantId }),
    ...(scope.split(" ").includes("offline_access")
      ? { refresh_token: accessToken }
      : {}),
  };
}

function createClaims(provider: string, { person, nonce }: TokenRequest) {
  const { objectId, subject, name, userName } = personAt(person);
  const issuedAt = Math.floor(Date.now() / 1000) - clockSetBackSeconds;
  return {
    aud: registration.clientId,
    iss: `${tenantUrlOf(provider)}/v2.0`,
    iat: issuedAt,
    nbf: issuedAt,
    exp: issuedAt + lifetimeSeconds,
    aio: randomBytes(48).toString("base64url"),
    email: userName,
    login_hint: `O.${randomBytes(60).toString("base64url")}`,
    name,
    nonce,
    oid: objectId,
    preferred_username: userName,
    rh: `1.${randomBytes(40).toString("base64url")}.`,
    sid: `${objectId.slice(0, 24)}${randomBytes(6).toString("hex")}`,
    sub: subject,
    tid: registration.tenantId,
    uti: randomBytes(16).toString("base64url"),
    ver: "2.0",
    xms_edov: true,
  };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
