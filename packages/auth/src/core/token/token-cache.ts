import type { OriginalSignIn } from "./id-token.js";
import type { Nonce, PartitionKey } from "../identifiers.js";
import type { Ports } from "../ports.js";
import type { TokenAnswer } from "../provider/identity-client.js";
import type { TokenCachePartition } from "../stores/token-cache-store.js";

export type TokenCachePorts = Pick<Ports, "tokenCacheStore" | "sealer" | "now">;

/** A partition that was read, and opened. */
export interface OpenedTokenCache {
  readonly tokenCache: string;
  /** What refreshed ID tokens are compared with; `undefined` for tokens that an earlier version kept. */
  readonly original: OriginalSignIn | undefined;
  readonly partition: TokenCachePartition;
  /** Until when a server has said that it refreshes these tokens. */
  readonly leasedUntil: Date | undefined;
}

// In front of the tokens, sealed with them.
const leasePattern = /^lease:(\d{1,15}):/;
// The first member of MSAL's JSON. MSAL ignores it, so servers of the version before it can read the tokens as well.
const originalPattern =
  /^\{"entrada":\{(?:"nonce":"([\w-]*)")?,?(?:"authTime":([-+\d.e]+))?\},/;

/** Stores the account's tokens, sealed, until the session that was started with them expires at the latest. */
export async function saveTokenCache(
  ports: TokenCachePorts,
  {
    partitionKey,
    tokenCache,
    original,
  }: Pick<TokenAnswer, "partitionKey" | "tokenCache"> & {
    readonly original?: OriginalSignIn | undefined;
  },
  expiresAt: Date,
): Promise<void> {
  const text = addOriginal(tokenCache, original);
  await ports.tokenCacheStore.put({
    partitionKey,
    sealedCache: ports.sealer.seal(text, createPlace(partitionKey)),
    expiresAt,
  });
}

/** Returns the account's tokens, or `undefined` if there are none or no present secret opens them. */
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
    : { ...splitPrefixes(tokenCache), partition };
}

function splitPrefixes(
  opened: string,
): Pick<OpenedTokenCache, "tokenCache" | "leasedUntil" | "original"> {
  const [lease = "", instant] = leasePattern.exec(opened) ?? [];
  const rest = opened.slice(lease.length);
  const [original = "", nonce, authTime] = originalPattern.exec(rest) ?? [];
  const leasedUntil =
    instant === undefined ? undefined : new Date(Number(instant));
  if (original === "")
    return { tokenCache: rest, leasedUntil, original: undefined };
  return {
    tokenCache: `{${rest.slice(original.length)}`,
    leasedUntil,
    original: {
      nonce: nonce === undefined ? undefined : (nonce as Nonce),
      authTime: authTime === undefined ? undefined : Number(authTime),
    },
  };
}

function addOriginal(
  tokenCache: string,
  original: OriginalSignIn | undefined,
): string {
  return original === undefined || !tokenCache.startsWith('{"')
    ? tokenCache
    : `{"entrada":${JSON.stringify(original)},${tokenCache.slice(1)}`;
}

/**
 * Says in the database that these tokens are being refreshed; returns the partition as it then stands, or `undefined` if
 * somebody wrote to it since it was read.
 */
export async function leaseTokenCache(
  ports: TokenCachePorts,
  { partition, tokenCache, original }: OpenedTokenCache,
  leasedUntil: Date,
): Promise<OpenedTokenCache | undefined> {
  const text = `lease:${leasedUntil.getTime()}:${addOriginal(tokenCache, original)}`;
  const leased = seal(ports, partition, text);
  return (await ports.tokenCacheStore.replace(leased))
    ? {
        tokenCache,
        original,
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
  { partition, original }: OpenedTokenCache,
  tokenCache: string,
): Promise<void> {
  const text = addOriginal(tokenCache, original);
  await ports.tokenCacheStore.replace(seal(ports, partition, text));
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
