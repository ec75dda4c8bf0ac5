import { createHash, randomUUID } from "node:crypto";
import type { CallbackParameters } from "../../core/sign-in/callback.js";
import { AuthError } from "../../core/error.js";
import type { AccessToken, PartitionKey } from "../../core/identifiers.js";
import type {
  CodeExchange,
  IdentityClient,
  SilentTokenRequest,
  TokenAnswer,
} from "../../core/provider/identity-client.js";
import { createFakeIdentityProvider } from "./fake-identity-provider.js";
import type {
  FakeIdentityProvider,
  FakeIdentityProviderOptions,
} from "./fake-identity-provider.js";
import type { TestPerson } from "./test-people.js";

/** The options of `createFakeIdentityClient`; all have defaults. */
export interface FakeIdentityClientOptions extends FakeIdentityProviderOptions {
  /** Defaults to `https://app.test/auth/callback`. */
  readonly redirectUri?: string | undefined;
}

/** The operations that a test can make fail. */
export type FakeOperation =
  "createAuthorizationUrl" | "exchangeCode" | "acquireToken";

/**
 * An identity client without MSAL and without a network. It builds authorization URLs, checks PKCE, accepts a code once,
 * stores tokens in a cache of its own format, and uses ID tokens of a {@link FakeIdentityProvider}.
 */
export interface FakeIdentityClient extends IdentityClient {
  readonly identityProvider: FakeIdentityProvider;
  /** Signs the person in at the authorization URL and returns the parameters of the callback. */
  answerAuthorization(
    authorizationUrl: string,
    person: TestPerson,
  ): CallbackParameters;
  /** Makes the operation throw this error, until it is `undefined`. */
  failWith(operation: FakeOperation, error: unknown): void;
  /** Changes all later token responses. */
  changeTokenAnswers(change: (response: TokenAnswer) => TokenAnswer): void;
  /** Revokes all refresh tokens. */
  revokeRefreshTokens(): void;
  /** Returns the number of requests to the provider. Reads of the token cache are not counted. */
  countRequests(operation: FakeOperation): number;
}

interface IssuedCode {
  readonly person: TestPerson;
  readonly codeChallenge: string | null;
  readonly nonce: string | undefined;
}

interface FakeTokenCache {
  readonly person: TestPerson;
  readonly idToken?: string | undefined;
  readonly accessTokens: Readonly<
    Record<string, { readonly token: AccessToken; readonly expiresAt: number }>
  >;
}

const accessTokenMilliseconds = 3_600_000;

/** Creates an identity client in memory. */
export function createFakeIdentityClient(
  options: FakeIdentityClientOptions = {},
): FakeIdentityClient {
  const { redirectUri = "https://app.test/auth/callback" } = options;
  const now = options.now ?? (() => new Date());
  const identityProvider = createFakeIdentityProvider(options);
  const requests = {
    createAuthorizationUrl: 0,
    exchangeCode: 0,
    acquireToken: 0,
  };
  const failures = new Map<FakeOperation, unknown>();
  const codes = new Map<string, IssuedCode>();
  let changeAnswer = returnUnchanged;
  let isRevoked = false;

  const count = (operation: FakeOperation) => {
    requests[operation] += 1;
    if (failures.has(operation)) throw failures.get(operation);
  };
  const issueTokens = async (
    cache: FakeTokenCache,
    scopes: readonly string[],
    nonce: string | undefined,
  ): Promise<TokenAnswer> => {
    const token =
      `access-token-of-${cache.person.objectId}-${randomUUID()}` as AccessToken;
    const expiresAt = now().getTime() + accessTokenMilliseconds;
    const accessTokens = {
      ...cache.accessTokens,
      [formatScopes(scopes)]: { token, expiresAt },
    };
    const idToken = await identityProvider.createIdToken({
      person: cache.person,
      nonce,
    });
    return changeAnswer({
      idToken,
      accessToken: token,
      fromCache: false,
      partitionKey: createPartitionKey(cache.person),
      tokenCache: JSON.stringify({ ...cache, idToken, accessTokens }),
    });
  };

  return {
    clientId: identityProvider.clientId,
    redirectUri,
    identityProvider,
    createAuthorizationUrl: async ({ codeVerifier, scopes, ...request }) => {
      count("createAuthorizationUrl");
      const { authorizationEndpoint } = await identityProvider.readMetadata();
      const url = new URL(authorizationEndpoint);
      const parameters = {
        client_id: identityProvider.clientId,
        response_type: "code",
        redirect_uri: redirectUri,
        scope: formatRequestedScopes(scopes),
        code_challenge: createHash("sha256")
          .update(codeVerifier)
          .digest("base64url"),
        code_challenge_method: "S256",
        state: request.state,
        nonce: request.nonce,
        prompt: request.prompt,
        login_hint: request.loginHint,
        domain_hint: request.domainHint,
        claims: request.claims,
        max_age: request.maxAgeSeconds?.toString(),
      };
      for (const [name, value] of Object.entries(parameters)) {
        if (value !== undefined) url.searchParams.set(name, value);
      }
      return url.href;
    },
    exchangeCode: async ({ code, codeVerifier, scopes }: CodeExchange) => {
      count("exchangeCode");
      const issued = codes.get(code);
      codes.delete(code);
      const codeChallenge = createHash("sha256")
        .update(codeVerifier)
        .digest("base64url");
      if (issued === undefined || issued.codeChallenge !== codeChallenge) {
        throw new AuthError(
          "code_rejected",
          "The identity provider refused the code.",
        );
      }
      return issueTokens(
        { person: issued.person, accessTokens: {} },
        scopes,
        issued.nonce,
      );
    },
    readIdToken: async ({ tokenCache }) => {
      const { idToken }: FakeTokenCache = JSON.parse(tokenCache);
      return idToken;
    },
    findToken: async (request) => findToken(request, now()),
    acquireToken: async (request: SilentTokenRequest) => {
      const cached = findToken(request, now());
      if (cached !== undefined) return cached;
      count("acquireToken");
      if (isRevoked)
        throw new AuthError(
          "interaction_required",
          "The account must sign in or consent again.",
        );
      return issueTokens(
        JSON.parse(request.tokenCache),
        request.scopes,
        undefined,
      );
    },
    answerAuthorization: (authorizationUrl, person) => {
      const { searchParams } = new URL(authorizationUrl);
      const code = `code-${randomUUID()}`;
      codes.set(code, {
        person,
        codeChallenge: searchParams.get("code_challenge"),
        nonce: searchParams.get("nonce") ?? undefined,
      });
      return { code, state: searchParams.get("state") ?? "" };
    },
    failWith: (operation, error) => {
      if (error === undefined) failures.delete(operation);
      else failures.set(operation, error);
    },
    changeTokenAnswers: (change) => {
      changeAnswer = change;
    },
    revokeRefreshTokens: () => {
      isRevoked = true;
    },
    countRequests: (operation) => requests[operation],
  };
}

function findToken(
  { tokenCache, scopes, claims, forceRefresh }: SilentTokenRequest,
  now: Date,
): TokenAnswer | undefined {
  const cache: FakeTokenCache = JSON.parse(tokenCache);
  const cached = cache.accessTokens[formatScopes(scopes)];
  const isFresh = cached !== undefined && cached.expiresAt > now.getTime();
  return isFresh && forceRefresh !== true && claims === undefined
    ? {
        idToken: undefined,
        accessToken: cached.token,
        fromCache: true,
        partitionKey: createPartitionKey(cache.person),
        tokenCache,
      }
    : undefined;
}

/** Returns MSAL's `homeAccountId` of the person: object ID and tenant ID of their home tenant. */
export function createPartitionKey(person: TestPerson): PartitionKey {
  const { objectId, tenantId } = person.home ?? person;
  return `${objectId}.${tenantId}` as PartitionKey;
}

function returnUnchanged(response: TokenAnswer): TokenAnswer {
  return response;
}

/** Plain OpenID Connect requests no refresh token. */
function formatRequestedScopes(scopes: readonly string[]): string {
  const offline = scopes.length === 0 ? [] : ["offline_access"];
  return ["openid", "profile", ...offline, ...scopes].join(" ");
}

function formatScopes(scopes: readonly string[]): string {
  return scopes.toSorted().join(" ");
}
