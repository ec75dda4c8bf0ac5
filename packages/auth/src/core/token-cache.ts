import type { PartitionKey } from "./identifiers.js";
import type { SessionTimeouts } from "./session-timeouts.js";
import type { Ports, TokenAnswer, TokenCachePartition } from "./ports.js";
import { addSeconds } from "./time.js";

export type TokenCachePorts = Pick<Ports, "tokenCacheStore" | "sealer" | "now">;

/** A partition that was read, and opened. */
export interface OpenedTokenCache {
  readonly tokenCache: string;
  readonly partition: TokenCachePartition;
}

/** Keeps the account's tokens, sealed, for as long as the session that was signed in with them can last. */
export async function saveTokenCache(
  ports: TokenCachePorts,
  { partitionKey, tokenCache }: TokenAnswer,
  { absoluteTimeoutSeconds }: SessionTimeouts,
): Promise<void> {
  await ports.tokenCacheStore.put({
    partitionKey,
    sealedCache: ports.sealer.seal(tokenCache, createPlace(partitionKey)),
    expiresAt: addSeconds(ports.now(), absoluteTimeoutSeconds),
  });
}

/** Answers the account's tokens, or `undefined` if there are none or no present secret opens them. */
export async function readTokenCache(
  ports: TokenCachePorts,
  partitionKey: PartitionKey,
): Promise<OpenedTokenCache | undefined> {
  const partition = await ports.tokenCacheStore.find(partitionKey, ports.now());
  if (partition === undefined) return undefined;
  const tokenCache = ports.sealer.open(
    partition.sealedCache,
    createPlace(partitionKey),
  );
  return tokenCache === undefined ? undefined : { tokenCache, partition };
}

/**
 * Keeps what a refresh added to the tokens, unless another server wrote meanwhile: then its tokens stay, which are as
 * good, and the ones in hand serve this one call.
 */
export async function updateTokenCache(
  ports: TokenCachePorts,
  { partition }: OpenedTokenCache,
  tokenCache: string,
): Promise<void> {
  const sealedCache = ports.sealer.seal(
    tokenCache,
    createPlace(partition.partitionKey),
  );
  await ports.tokenCacheStore.replace({ ...partition, sealedCache });
}

function createPlace(partitionKey: PartitionKey): string {
  return `token_cache:${partitionKey}`;
}
