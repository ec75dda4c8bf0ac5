import type { PartitionKey } from "./identifiers.js";
import type { SessionTimeouts } from "./session-timeouts.js";
import type { Ports, TokenAnswer, TokenCachePartition } from "./ports.js";
import { addSeconds } from "./time.js";

export type TokenCachePorts = Pick<Ports, "tokenCacheStore" | "sealer" | "now">;

/** A partition that was read, and opened. */
export interface OpenedTokenCache {
  readonly tokenCache: string;
  readonly partition: TokenCachePartition;
  /** Until when a server has said that it refreshes these tokens. */
  readonly leasedUntil: Date | undefined;
}

// In front of the tokens, sealed with them.
const leasePattern = /^lease:(\d{1,15}):/;

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
  return tokenCache === undefined
    ? undefined
    : { ...splitLease(tokenCache), partition };
}

function splitLease(
  opened: string,
): Pick<OpenedTokenCache, "tokenCache" | "leasedUntil"> {
  const [prefix = "", instant] = leasePattern.exec(opened) ?? [];
  return {
    tokenCache: opened.slice(prefix.length),
    leasedUntil: instant === undefined ? undefined : new Date(Number(instant)),
  };
}

/**
 * Says in the database that these tokens are being refreshed; answers the partition as it then stands, or `undefined` if
 * somebody wrote to it since it was read.
 */
export async function leaseTokenCache(
  ports: TokenCachePorts,
  { partition, tokenCache }: OpenedTokenCache,
  leasedUntil: Date,
): Promise<OpenedTokenCache | undefined> {
  const text = `lease:${leasedUntil.getTime()}:${tokenCache}`;
  const leased = seal(ports, partition, text);
  return (await ports.tokenCacheStore.replace(leased))
    ? {
        tokenCache,
        leasedUntil,
        partition: { ...leased, version: leased.version + 1 },
      }
    : undefined;
}

/**
 * Keeps what a refresh added to the tokens and ends its lease, unless another server wrote meanwhile: then its tokens
 * stay, which are as good, and the ones in hand serve this one call.
 */
export async function updateTokenCache(
  ports: TokenCachePorts,
  { partition }: OpenedTokenCache,
  tokenCache: string,
): Promise<void> {
  await ports.tokenCacheStore.replace(seal(ports, partition, tokenCache));
}

function seal(
  { sealer }: TokenCachePorts,
  partition: TokenCachePartition,
  text: string,
): TokenCachePartition {
  const place = createPlace(partition.partitionKey);
  return { ...partition, sealedCache: sealer.seal(text, place) };
}

function createPlace(partitionKey: PartitionKey): string {
  return `token_cache:${partitionKey}`;
}
