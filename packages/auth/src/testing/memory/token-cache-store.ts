import type {
  TokenCachePartition,
  TokenCacheStore,
} from "../../core/stores/token-cache-store.js";
import { takeExpired } from "./tables.js";
import type { Tables } from "./tables.js";

/** Creates the token cache store on the shared tables. */
export function createMemoryTokenCacheStore({
  partitions,
  sessions,
}: Tables): TokenCacheStore {
  function keep(
    partition: Omit<TokenCachePartition, "version">,
    version: number,
  ): void {
    partitions.set(
      partition.partitionKey,
      structuredClone({ ...partition, version }),
    );
  }

  return {
    async find(partitionKey, now) {
      const partition = partitions.get(partitionKey);
      return partition === undefined || partition.expiresAt <= now
        ? undefined
        : structuredClone(partition);
    },
    async put(partition) {
      keep(
        partition,
        (partitions.get(partition.partitionKey)?.version ?? 0) + 1,
      );
    },
    async replace(partition) {
      if (partitions.get(partition.partitionKey)?.version !== partition.version)
        return false;
      keep(partition, partition.version + 1);
      return true;
    },
    async deleteUnused(partitionKey) {
      const isUsed = [...sessions.values()].some(
        (session) => session.partitionKey === partitionKey,
      );
      if (!isUsed) partitions.delete(partitionKey);
    },
    async deleteExpired(now, limit) {
      return takeExpired(partitions, ({ expiresAt }) => expiresAt, now, limit)
        .length;
    },
  };
}
