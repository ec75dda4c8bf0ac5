import type {
  TokenCachePartition,
  TokenCacheStore,
} from "../../core/stores/token-cache-store.js";
import { takeExpired } from "./tables.js";
import type { Tables } from "./tables.js";

/** Creates the token cache store on the shared tables. */
export function createMemoryTokenCacheStore(tables: Tables): TokenCacheStore {
  function keep(
    partition: Omit<TokenCachePartition, "version">,
    version: number,
  ): void {
    tables.own.partitions.set(
      partition.partitionKey,
      structuredClone({ ...partition, version }),
    );
  }

  return {
    async find(partitionKey, now) {
      const partition = tables.own.partitions.get(partitionKey);
      return partition === undefined || partition.expiresAt <= now
        ? undefined
        : structuredClone(partition);
    },
    async put(partition) {
      keep(
        partition,
        (tables.own.partitions.get(partition.partitionKey)?.version ?? 0) + 1,
      );
    },
    async replace(partition) {
      const { version } = partition;
      if (
        tables.own.partitions.get(partition.partitionKey)?.version !== version
      )
        return false;
      keep(partition, version + 1);
      return true;
    },
    async deleteUnused(partitionKey) {
      const { partitions, sessions } = tables.own;
      const isUsed = [...sessions.values()].some(
        (session) => session.partitionKey === partitionKey,
      );
      if (!isUsed) partitions.delete(partitionKey);
    },
    async deleteExpired(now, limit) {
      return takeExpired(
        tables.own.partitions,
        ({ expiresAt }) => expiresAt,
        now,
        limit,
      ).length;
    },
  };
}
