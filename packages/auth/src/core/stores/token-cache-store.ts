import type { PartitionKey, Sealed } from "../identifiers.js";

/** One account's slice of MSAL's token cache, sealed. */
export interface TokenCachePartition {
  readonly partitionKey: PartitionKey;
  readonly sealedCache: Sealed;
  /** The number of writes; a writer passes the version that it has read. */
  readonly version: number;
  readonly expiresAt: Date;
}

/** Stores token cache partitions. Each client has its own partition of an account. */
export interface TokenCacheStore {
  find(
    partitionKey: PartitionKey,
    now: Date,
  ): Promise<TokenCachePartition | undefined>;

  /** Stores the partition, also in place of an existing one, and increments the version. */
  put(partition: Omit<TokenCachePartition, "version">): Promise<void>;

  /** Stores the partition if the stored version is still `partition.version`; returns whether it did. */
  replace(partition: TokenCachePartition): Promise<boolean>;

  /** Deletes the partition unless a session still refers to it. */
  deleteUnused(partitionKey: PartitionKey): Promise<void>;

  /** Deletes at most `limit` expired partitions and returns how many it deleted. */
  deleteExpired(now: Date, limit: number): Promise<number>;
}
