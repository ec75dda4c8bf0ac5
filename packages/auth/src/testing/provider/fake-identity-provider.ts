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

/** The documents that the fake identity provider publishes. */
export type PublishedEndpoint = "metadata" | "keys";

/** Returns the keys to publish instead of the provider's own keys. */
export type KeySetChange = (keys: readonly JWK[]) => readonly object[];

/** The values of an ID token besides the person's claims. */
export interface FakeIdTokenRequest {
  readonly person: TestPerson;
  readonly nonce?: string | undefined;
  readonly change?: TokenChange | undefined;
}

/**
 * An identity provider in memory, with real keys and signatures. Its discovery document and keys are read by the real
 * reader, through a `fetch` that responds from memory. A test can change published documents and signed tokens.
 */
export interface FakeIdentityProvider extends IdentityProvider {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Serves the discovery document and the keys. */
  readonly fetch: typeof fetch;
  /** Signs an ID token. */
  createIdToken(request: FakeIdTokenRequest): Promise<string>;
  /** Signs a logout token for a session (`sid`) of the tenant. */
  createLogoutToken(request: {
    readonly tenantId: string;
    readonly providerSessionId: string;
    readonly change?: TokenChange | undefined;
  }): Promise<string>;
  /** Changes all later ID tokens; `{}` removes the change. */
  changeIdTokens(change: TokenChange): void;
  /** Sets members of the discovery document; `undefined` removes a member. */
  changeMetadata(members: Readonly<Record<string, unknown>>): void;
  /** Publishes other keys than the provider's own. */
  changeKeys(change: KeySetChange): void;
  /** Replaces the signing key. The old key is no longer published. */
  rotateKey(): void;
  /** Replaces the response of an endpoint; `undefined` restores it. */
  answerWith(
    endpoint: PublishedEndpoint,
    respond: (() => Response | Promise<Response>) | undefined,
  ): void;
  /** Returns the number of requests to an endpoint. */
  countRequests(endpoint: PublishedEndpoint): number;
}

const idTokenSeconds = 3600;
const logoutTokenSeconds = 120;
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout";
const templateTenants: readonly string[] = ["common", "organizations"];

/** Creates an identity provider in memory. */
export function createFakeIdentityProvider({
  authority = "https://login.test",
  tenant = "organizations",
  clientId = "5f1a7c52-7e0b-4d43-9a55-0c6a1e3f2b10",
  clientSecret = "client-secret-of-the-fake-identity-provider",
  now = () => new Date(),
}: FakeIdentityProviderOptions = {}): FakeIdentityProvider {
  const requests = { metadata: 0, keys: 0 };
  const responses = new Map<
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
    const respond = responses.get(endpoint);
    if (respond !== undefined) return respond();
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
    answerWith: (endpoint, respond) => {
      if (respond === undefined) responses.delete(endpoint);
      else responses.set(endpoint, respond);
    },
    countRequests: (endpoint) => requests[endpoint],
  };
}

function publishOwnKeys(keys: readonly JWK[]): readonly JWK[] {
  return keys;
}

/** Returns the ID of the person's session at the provider, the `sid` claim of their ID tokens. */
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
