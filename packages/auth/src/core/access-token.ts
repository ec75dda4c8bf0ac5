import { AuthError } from "./error.js";
import { validateIdToken } from "./id-token.js";
import type { AccessToken } from "./identifiers.js";
import type { Ports, SignedIn, TokenAnswer } from "./ports.js";
import type { TenantRule } from "./tenant.js";
import { readTokenCache, updateTokenCache } from "./token-cache.js";

export type AccessTokenPorts = Pick<
  Ports,
  "identityClient" | "tokenCacheStore" | "sealer" | "now"
>;

/** What an access token is for. */
export interface AccessTokenRequest {
  readonly scopes: readonly string[];
  /** A claims challenge of an API, as JSON text. */
  readonly claims?: string | undefined;
  /** Asks the identity provider even if the cache holds a fresh token. */
  readonly forceRefresh?: boolean | undefined;
}

/** An access token, and whether it came without asking the identity provider. */
export interface AcquiredAccessToken {
  readonly accessToken: AccessToken;
  readonly fromCache: boolean;
}

const timeoutMilliseconds = 8000;

/**
 * Acquires an access token for the session's account, from the token cache when it holds a fresh one. An ID token that
 * comes along is validated like the first, and has to name the session's own person.
 *
 * @throws {AuthError} `interaction_required` if the account must sign in or consent again.
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#RefreshTokenResponse | OpenID Connect Core §12.2}
 */
export async function acquireAccessToken(
  ports: AccessTokenPorts,
  tenantRule: TenantRule,
  { session, user }: SignedIn,
  request: AccessTokenRequest,
): Promise<AcquiredAccessToken> {
  const { partitionKey } = session;
  if (partitionKey === undefined) throw interactionRequired();
  const opened = await readTokenCache(ports, partitionKey);
  if (opened === undefined) throw interactionRequired();

  const signal = AbortSignal.timeout(timeoutMilliseconds);
  const answer = await ports.identityClient.acquireToken({
    ...request,
    partitionKey,
    tenantId: user.tenantId,
    tokenCache: opened.tokenCache,
    signal,
  });
  if (!answer.fromCache) {
    await requireSamePerson(
      ports,
      tenantRule,
      { session, user },
      answer,
      signal,
    );
    await updateTokenCache(ports, opened, answer.tokenCache);
  }
  return { accessToken: answer.accessToken, fromCache: answer.fromCache };
}

async function requireSamePerson(
  ports: AccessTokenPorts,
  tenantRule: TenantRule,
  { session, user }: SignedIn,
  { idToken, accessToken, partitionKey }: TokenAnswer,
  signal: AbortSignal,
): Promise<void> {
  if (partitionKey !== session.partitionKey) throw anotherPerson();
  if (idToken === undefined) return;
  const { issuer } =
    await ports.identityClient.identityProvider.readMetadata(signal);
  const claims = await validateIdToken(ports, idToken, {
    tenantRule,
    nonce: undefined,
    accessToken,
    issuer,
    signal,
  });
  if (
    claims.tid !== user.tenantId ||
    claims.oid !== user.objectId ||
    claims.sub !== user.subject
  )
    throw anotherPerson();
}

/** Answers a function that runs one acquisition for all concurrent callers who ask for the same. */
export function createSingleFlight(): (
  key: string,
  run: () => Promise<AcquiredAccessToken>,
) => Promise<AcquiredAccessToken> {
  const pending = new Map<string, Promise<AcquiredAccessToken>>();
  return async (key, run) => {
    const present = pending.get(key);
    if (present !== undefined) return present;
    const promise = run().finally(() => pending.delete(key));
    pending.set(key, promise);
    return promise;
  };
}

function interactionRequired(): AuthError {
  return new AuthError(
    "interaction_required",
    "There are no tokens for this session. Sign in again.",
  );
}

function anotherPerson(): AuthError {
  return new AuthError(
    "id_token_invalid",
    "The refreshed ID token names another person than the session.",
  );
}
