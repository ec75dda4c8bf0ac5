import { AuthError } from "../error.js";
import { validateIdToken } from "./id-token.js";
import type { OriginalSignIn } from "./id-token.js";
import type { AccessToken, PartitionKey } from "../identifiers.js";
import type { Ports } from "../ports.js";
import type { SessionWithUser } from "../stores/session-store.js";
import type {
  SilentTokenRequest,
  TokenAnswer,
} from "../provider/identity-client.js";
import { withRefreshLock } from "./refresh-lock.js";
import type { TenantRule } from "../provider/tenant.js";
import { readTokenCache, updateTokenCache } from "./token-cache.js";
import type { OpenedTokenCache } from "./token-cache.js";

export type AccessTokenPorts = Pick<
  Ports,
  "identityClient" | "tokenCacheStore" | "leaseStore" | "sealer" | "now"
>;

/** What an access token is for. */
export interface AccessTokenRequest {
  readonly scopes: readonly string[];
  /** A claims challenge of an API, as a JSON string. */
  readonly claims?: string | undefined;
  /** Refreshes the tokens even if the cache holds a fresh access token. */
  readonly forceRefresh?: boolean | undefined;
}

/** An access token, and whether it came from the token cache without a request to the identity provider. */
export interface AcquiredAccessToken {
  readonly accessToken: AccessToken;
  readonly fromCache: boolean;
}

const timeoutMilliseconds = 8000;

/**
 * Acquires an access token for the session's account, from the token cache when it holds a fresh one. If several servers
 * need one at the same time, one refreshes the tokens, and the others wait and use the result. A refreshed ID token is
 * validated like the first one and must name the session's user.
 *
 * @throws {AuthError} `interaction_required` if the account must sign in or consent again.
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#RefreshTokenResponse | OpenID Connect Core §12.2}
 */
export async function findOrRefreshToken(
  ports: AccessTokenPorts,
  tenantRule: TenantRule,
  signedIn: SessionWithUser,
  request: AccessTokenRequest,
): Promise<AcquiredAccessToken> {
  const { partitionKey } = signedIn.session;
  if (partitionKey === undefined) throw interactionRequired();
  const toRequest = (
    { tokenCache }: OpenedTokenCache,
    forceRefresh: boolean | undefined,
  ) =>
    toSilentRequest(
      signedIn,
      partitionKey,
      { ...request, forceRefresh },
      tokenCache,
    );

  const opened = await requireTokenCache(ports, partitionKey);
  const cached =
    request.forceRefresh === true
      ? undefined
      : await ports.identityClient.findToken(toRequest(opened, false));
  if (cached !== undefined) return toAcquired(cached);
  return withRefreshLock(ports, partitionKey, async () => {
    // Another server may have refreshed the tokens since the first read. What it stored is fresh, also if forced.
    const tokens = await requireTokenCache(ports, partitionKey);
    const isUnchanged = tokens.tokenCache === opened.tokenCache;
    const response = await refresh(
      ports,
      tenantRule,
      signedIn,
      toRequest(tokens, isUnchanged && request.forceRefresh),
      tokens,
    );
    return toAcquired(response);
  });
}

async function requireTokenCache(
  ports: AccessTokenPorts,
  partitionKey: PartitionKey,
): Promise<OpenedTokenCache> {
  const opened = await readTokenCache(ports, partitionKey);
  if (opened === undefined) throw interactionRequired();
  return opened;
}

async function refresh(
  ports: AccessTokenPorts,
  tenantRule: TenantRule,
  signedIn: SessionWithUser,
  request: SilentTokenRequest,
  tokens: OpenedTokenCache,
): Promise<TokenAnswer> {
  const response = await ports.identityClient.acquireToken(request);
  if (response.fromCache) return response;
  await requireSamePerson(ports, tenantRule, signedIn, response, {
    original: tokens.original,
    signal: request.signal,
  });
  await updateTokenCache(ports, tokens, response.tokenCache);
  return response;
}

function toSilentRequest(
  { user }: SessionWithUser,
  partitionKey: PartitionKey,
  request: AccessTokenRequest,
  tokenCache: string,
): SilentTokenRequest {
  return {
    ...request,
    partitionKey,
    tokenCache,
    tenantId: user.tenantId,
    signal: AbortSignal.timeout(timeoutMilliseconds),
  };
}

function toAcquired({
  accessToken,
  fromCache,
}: TokenAnswer): AcquiredAccessToken {
  return { accessToken, fromCache };
}

async function requireSamePerson(
  ports: AccessTokenPorts,
  tenantRule: TenantRule,
  { session, user }: SessionWithUser,
  { idToken, accessToken, partitionKey }: TokenAnswer,
  {
    original,
    signal,
  }: {
    readonly original: OriginalSignIn | undefined;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  if (partitionKey !== session.partitionKey) throw anotherPerson();
  if (idToken === undefined) return;
  const { issuer } =
    await ports.identityClient.identityProvider.readMetadata(signal);
  const claims = await validateIdToken(ports, idToken, {
    tenantRule,
    nonce: undefined,
    original,
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

/** Returns a function that runs one acquisition for all concurrent callers with the same key. */
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
    "The refreshed ID token names another user than the session.",
  );
}
