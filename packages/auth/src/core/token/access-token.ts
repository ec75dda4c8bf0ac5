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
import { takeRefreshTurn } from "./refresh-turn.js";
import type { TenantRule } from "../provider/tenant.js";
import { readTokenCache, updateTokenCache } from "./token-cache.js";
import type { OpenedTokenCache } from "./token-cache.js";

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
 * Acquires an access token for the session's account, from the token cache when it holds a fresh one. Of several servers
 * that need one at the same time, one asks the identity provider, and the others wait for what it keeps. An ID token that
 * comes along is validated like the first, and has to name the session's own person.
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
  const opened = await readTokenCache(ports, partitionKey);
  if (opened === undefined) throw interactionRequired();
  const find = ({ tokenCache }: OpenedTokenCache) =>
    ports.identityClient.findToken({
      ...toSilentRequest(signedIn, partitionKey, request, tokenCache),
      forceRefresh: false,
    });

  const cached = request.forceRefresh === true ? undefined : await find(opened);
  if (cached !== undefined) return toAcquired(cached);
  const turn = await takeRefreshTurn(ports, partitionKey);
  if (turn === undefined) throw interactionRequired();
  try {
    // What another server has refreshed since this call began is as fresh as can be.
    const others =
      turn.tokenCache === opened.tokenCache ? undefined : await find(turn);
    const answer =
      others ??
      (await refresh(
        ports,
        tenantRule,
        signedIn,
        toSilentRequest(signedIn, partitionKey, request, turn.tokenCache),
        turn.original,
      ));
    await updateTokenCache(ports, turn, answer.tokenCache);
    return toAcquired(answer);
  } catch (error) {
    await endTurn(ports, turn);
    throw error;
  }
}

async function refresh(
  ports: AccessTokenPorts,
  tenantRule: TenantRule,
  signedIn: SessionWithUser,
  request: SilentTokenRequest,
  original: OriginalSignIn | undefined,
): Promise<TokenAnswer> {
  const answer = await ports.identityClient.acquireToken(request);
  if (!answer.fromCache)
    await requireSamePerson(ports, tenantRule, signedIn, answer, {
      original,
      signal: request.signal,
    });
  return answer;
}

/** Lets the next server try. Where even that fails, the lease ends by itself. */
async function endTurn(
  ports: AccessTokenPorts,
  turn: OpenedTokenCache,
): Promise<void> {
  try {
    await updateTokenCache(ports, turn, turn.tokenCache);
  } catch {
    // The first failure is the one that is told.
  }
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

/** Returns a function that runs one acquisition for all concurrent callers who ask for the same. */
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
