import type { RateLimitStore } from "../../core/stores/rate-limit-store.js";
import { takeExpired } from "./tables.js";
import type { Tables } from "./tables.js";

/** Creates the rate limit store on the shared tables. */
export function createMemoryRateLimitStore({
  rateCounts,
}: Tables): RateLimitStore {
  return {
    async count(key, windowSeconds) {
      const now = Date.now();
      const row = rateCounts.get(key);
      const isOpen = row !== undefined && row.expiresAt.getTime() > now;
      const count = isOpen ? row.count + 1 : 1;
      const expiresAt = isOpen
        ? row.expiresAt
        : new Date(now + windowSeconds * 1000);
      rateCounts.set(key, { count, expiresAt });
      return { count, remainingMilliseconds: expiresAt.getTime() - now };
    },
    async deleteExpired(now, limit) {
      return takeExpired(rateCounts, ({ expiresAt }) => expiresAt, now, limit)
        .length;
    },
  };
}
