import { randomUUID } from "node:crypto";
import type { JWK } from "jose";
import { createIdentityProvider } from "../../core/provider/create-identity-provider.js";
import type { IdentityProvider } from "../../core/provider/identity-provider.js";
import { consumerTenantId } from "../../core/provider/tenant.js";
import { createFakeSigningKey } from "./fake-signing-key.js";
import type { FakeSigningKey } from "./fake-signing-key.js";
import { signFakeToken } from "./fake-token.js";
import type { TokenChange } from "./fake-token.js";
import type { TestPerson } from "./test-people.js";

/** The options of `createFakeIdentityProvider`; all have defaults. */
export interface FakeIdentityProviderOptions {
  /** Defaults to `https://login.test`. */
  readonly authority?: string | undefined;
  /** Defaults to `organizations`. */
  readonly tenant?: string | undefined;
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  readonly now?: (() => Date) | undefined;
}

/** What the fake identity provider publishes. */
export type PublishedEndpoint = "metadata" | "keys";

/** Returns what is published instead of the provider's own keys. */
export type KeySetChange = (keys: readonly JWK[]) => readonly object[];

/** What an ID token of the fake identity provider says besides the person. */
export interface FakeIdTokenRequest {
  readonly person: TestPerson;
  readonly nonce?: string | undefined;
  readonly change?: TokenChange | undefined;
}

/**
 * An identity provider in memory: real keys, real signatures, and a real reader of its discovery document and keys,
 * whose `fetch` answers from memory. A test changes what it publishes and what it signs.
 */
export interface FakeIdentityProvider extends IdentityProvider {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Serves discovery document and keys, for whoever wants to read them by themselves. */
  readonly fetch: typeof fetch;
  /** Signs an ID token. */
  createIdToken(request: FakeIdTokenRequest): Promise<string>;
  /** Signs a logout token for a session (`sid`) of the tenant. */
  createLogoutToken(request: {
    readonly tenantId: string;
    readonly providerSessionId: string;
    readonly change?: TokenChange | undefined;
  }): Promise<string>;
  /** Changes every ID token from now on; `{}` ends it. */
  changeIdTokens(change: TokenChange): void;
  /** Sets members of the discovery document; `undefined` removes one. */
  changeMetadata(members: Readonly<Record<string, unknown>>): void;
  /** Publishes other keys than its own. */
  changeKeys(change: KeySetChange): void;
  /** Signs with a new key from now on, and stops publishing the old one. */
  rotateKey(): void;
  /** Returns an endpoint by this instead; `undefined` ends it. */
  answerWith(
    endpoint: PublishedEndpoint,
    answer: (() => Response | Promise<Response>) | undefined,
  ): void;
  /** How often an endpoint was asked. */
  countRequests(endpoint: PublishedEndpoint): number;
}

const idTokenSeconds = 3600;
const logoutTokenSeconds = 120;
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout";
const templateTenants: readonly string[] = ["common", "organizations"];

/** Makes an identity provider in memory. */
export function createFakeIdentityProvider({
  authority = "https://login.test",
  tenant = "organizations",
  clientId = "5f1a7c52-7e0b-4d43-9a55-0c6a1e3f2b10",
  clientSecret = "client-secret-of-the-fake-identity-provider",
  now = () => new Date(),
}: FakeIdentityProviderOptions = {}): FakeIdentityProvider {
  const requests = { metadata: 0, keys: 0 };
  const answers = new Map<
    PublishedEndpoint,
    () => Response | Promise<Response>
  >();
  let keyIndex = 0;
  let key: FakeSigningKey = createFakeSigningKey(keyIndex);
  let changeKeys: KeySetChange = publishOwnKeys;
  let metadataChange: Readonly<Record<string, unknown>> = {};
  let idTokenChange: TokenChange = {};

  const read = (endpoint: PublishedEndpoint): Response | Promise<Response> => {
    requests[endpoint] += 1;
    const answer = answers.get(endpoint);
    if (answer !== undefined) return answer();
    return endpoint === "keys"
      ? Response.json({ keys: changeKeys([key.jwk]) })
      : Response.json({
          ...createMetadata(authority, tenant),
          ...metadataChange,
        });
  };
  const send: typeof fetch = async (input) => {
    const url = input instanceof Request ? input.url : String(input);
    return read(
      new URL(url).pathname.endsWith("/openid-configuration")
        ? "metadata"
        : "keys",
    );
  };
  const seconds = () => Math.floor(now().getTime() / 1000);

  return {
    ...createIdentityProvider({
      authority,
      tenant,
      clientId,
      fetch: send,
      now,
    }),
    clientId,
    clientSecret,
    fetch: send,
    createIdToken: ({ person, nonce, change = idTokenChange }) =>
      signFakeToken(
        {
          key,
          clientSecret,
          claims: createIdTokenClaims({
            authority,
            clientId,
            person,
            nonce,
            seconds: seconds(),
          }),
        },
        change,
      ),
    createLogoutToken: ({ tenantId, providerSessionId, change }) =>
      signFakeToken(
        {
          key,
          clientSecret,
          header: { typ: "logout+jwt" },
          claims: {
            iss: `${authority}/${tenantId}/v2.0`,
            aud: clientId,
            iat: seconds(),
            exp: seconds() + logoutTokenSeconds,
            jti: randomUUID(),
            sid: providerSessionId,
            events: { [logoutEvent]: {} },
          },
        },
        change,
      ),
    changeIdTokens: (change) => {
      idTokenChange = change;
    },
    changeMetadata: (members) => {
      metadataChange = members;
    },
    changeKeys: (change) => {
      changeKeys = change;
    },
    rotateKey: () => {
      keyIndex += 1;
      key = createFakeSigningKey(keyIndex);
    },
    answerWith: (endpoint, answer) => {
      if (answer === undefined) answers.delete(endpoint);
      else answers.set(endpoint, answer);
    },
    countRequests: (endpoint) => requests[endpoint],
  };
}

function publishOwnKeys(keys: readonly JWK[]): readonly JWK[] {
  return keys;
}

/** Returns the provider's session of a person, the `sid` claim of their ID tokens. */
export function createProviderSessionId({ objectId }: TestPerson): string {
  return `provider-session-of-${objectId}`;
}

function createMetadata(
  authority: string,
  tenant: string,
): Readonly<Record<string, unknown>> {
  const ownTenant = tenant === "consumers" ? consumerTenantId : tenant;
  const issuerTenant = templateTenants.includes(tenant)
    ? "{tenantid}"
    : ownTenant;
  const base = `${authority}/${tenant}`;
  return {
    issuer: `${authority}/${issuerTenant}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
    id_token_signing_alg_values_supported: ["RS256"],
  };
}

function createIdTokenClaims(token: {
  readonly authority: string;
  readonly clientId: string;
  readonly person: TestPerson;
  readonly nonce: string | undefined;
  readonly seconds: number;
}): Readonly<Record<string, unknown>> {
  const { authority, clientId, person, nonce, seconds } = token;
  return {
    ver: "2.0",
    iss: `${authority}/${person.tenantId}/v2.0`,
    aud: clientId,
    sub: `subject-of-${person.objectId}`,
    tid: person.tenantId,
    oid: person.objectId,
    name: person.name,
    preferred_username: person.preferredUsername,
    login_hint: `login-hint-of-${person.objectId}`,
    sid: createProviderSessionId(person),
    iat: seconds,
    nbf: seconds,
    exp: seconds + idTokenSeconds,
    auth_time: seconds,
    nonce,
    ...person.claims,
  };
}
