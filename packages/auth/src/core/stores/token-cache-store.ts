import type { PartitionKey, Sealed } from "../identifiers.js";

/** One account's slice of MSAL's token cache, sealed. */
export interface TokenCachePartition {
  readonly partitionKey: PartitionKey;
  readonly sealedCache: Sealed;
  /** Counts the writes; a writer states the version it has read. */
  readonly version: number;
  readonly expiresAt: Date;
}

/** Keeps token cache partitions. Two clients have a partition each of the same account. */
export interface TokenCacheStore {
  find(
    partitionKey: PartitionKey,
    now: Date,
  ): Promise<TokenCachePartition | undefined>;

  /** Keeps the partition, whatever was there before; its version becomes the next one. */
  put(partition: Omit<TokenCachePartition, "version">): Promise<void>;

  /** Keeps the partition if its stored version still is `partition.version`; returns whether it did. */
  replace(partition: TokenCachePartition): Promise<boolean>;

  /** Deletes the partition unless a session still refers to it. */
  deleteUnused(partitionKey: PartitionKey): Promise<void>;

  /** Removes at most `limit` partitions that have expired and returns how many it removed. */
  deleteExpired(now: Date, limit: number): Promise<number>;
}
