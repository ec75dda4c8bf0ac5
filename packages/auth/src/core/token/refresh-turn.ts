import type { PartitionKey } from "../identifiers.js";
import { addSeconds, hasPassed } from "../time.js";
import { leaseTokenCache, readTokenCache } from "./token-cache.js";
import type { OpenedTokenCache, TokenCachePorts } from "./token-cache.js";

// As long as a refresh can take, and a moment for two clocks that differ.
const leaseSeconds = 10;
const pauseMilliseconds = 50;
const maximumTries = (leaseSeconds * 1000) / pauseMilliseconds;

/**
 * Waits until no other server refreshes the account's tokens, says that this one does, and returns them as they are then;
 * `undefined` if they are gone. A server that dies in its turn is waited for until its lease ends, and no longer; one
 * that never gets its turn refreshes without, which costs the identity provider a request and nobody a token.
 */
export async function takeRefreshTurn(
  ports: TokenCachePorts,
  partitionKey: PartitionKey,
): Promise<OpenedTokenCache | undefined> {
  for (let tries = 0; tries < maximumTries; tries += 1) {
    const tokens = await readTokenCache(ports, partitionKey);
    if (tokens === undefined) return undefined;
    const now = ports.now();
    if (isLeased(tokens, now)) {
      await pause();
      continue;
    }
    const leasedUntil = addSeconds(now, leaseSeconds);
    const leased = await leaseTokenCache(ports, tokens, leasedUntil);
    if (leased !== undefined) return leased;
  }
  return readTokenCache(ports, partitionKey);
}

function isLeased({ leasedUntil }: OpenedTokenCache, now: Date): boolean {
  return leasedUntil !== undefined && !hasPassed(leasedUntil, now);
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, pauseMilliseconds));
}
