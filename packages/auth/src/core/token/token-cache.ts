import type { OriginalSignIn } from "./id-token.js";
import type { Nonce, PartitionKey } from "../identifiers.js";
import type { Ports } from "../ports.js";
import type { TokenAnswer } from "../provider/identity-client.js";
import type { TokenCachePartition } from "../stores/token-cache-store.js";

export type TokenCachePorts = Pick<Ports, "tokenCacheStore" | "sealer" | "now">;

/** A stored partition with its tokens decrypted. */
export interface OpenedTokenCache {
  readonly tokenCache: string;
  /** Refreshed ID tokens are compared with it; `undefined` for tokens that an earlier version stored. */
  readonly original: OriginalSignIn | undefined;
  readonly partition: TokenCachePartition;
}

// Versions that did not use the lease store for refreshes stored their lease in front of the tokens.
const earlierLease = /^lease:\d{1,15}:/;
// The first member of MSAL's JSON. MSAL ignores it, so servers of an earlier version can read the tokens as well.
const originalPattern =
  /^\{"entrada":\{(?:"nonce":"([\w-]*)")?,?(?:"authTime":([-+\d.e]+))?\},/;

/** Stores the account's tokens, encrypted, until the session that was started with them expires at the latest. */
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

/** Returns the account's tokens, or `undefined` if there are none or no configured secret decrypts them. */
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
    : { ...splitOriginal(tokenCache.replace(earlierLease, "")), partition };
}

function splitOriginal(
  text: string,
): Pick<OpenedTokenCache, "tokenCache" | "original"> {
  const [original = "", nonce, authTime] = originalPattern.exec(text) ?? [];
  if (original === "") return { tokenCache: text, original: undefined };
  return {
    tokenCache: `{${text.slice(original.length)}`,
    original: {
      nonce: nonce as Nonce | undefined,
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

/** Stores refreshed tokens unless the partition has changed since it was read. */
export async function updateTokenCache(
  { sealer, tokenCacheStore }: TokenCachePorts,
  { partition, original }: OpenedTokenCache,
  tokenCache: string,
): Promise<void> {
  const text = addOriginal(tokenCache, original);
  const place = createPlace(partition.partitionKey);
  const sealedCache = sealer.seal(text, place);
  await tokenCacheStore.replace({ ...partition, sealedCache });
}

function createPlace(partitionKey: PartitionKey): string {
  return `token_cache:${partitionKey}`;
}
