import { randomUUID } from "node:crypto";

import type { PartitionKey } from "../identifiers.js";
import type { Ports } from "../ports.js";
import type { Lease } from "../stores/lease-store.js";
import { addSeconds } from "../time.js";

export type RefreshTurnPorts = Pick<
  Ports,
  "identityClient" | "leaseStore" | "now"
>;

/** The right to refresh one account's tokens. */
export interface RefreshTurn extends Pick<Lease, "name" | "holder"> {
  /** Whether another server held the lease meanwhile. */
  readonly hasWaited: boolean;
}

// As long as a refresh can take, and a moment for two clocks that differ.
const leaseSeconds = 10;
const pauseMilliseconds = 50;
const maximumTries = (leaseSeconds * 1000) / pauseMilliseconds;

/**
 * Waits until no other server refreshes the account's tokens and takes the lease. The lease of a server that crashed
 * expires. A server that never gets the lease refreshes without it, which costs one more request.
 */
export async function takeRefreshTurn(
  { identityClient, leaseStore, now }: RefreshTurnPorts,
  partitionKey: PartitionKey,
): Promise<RefreshTurn> {
  const name = `token:${identityClient.clientId}:${partitionKey}`;
  const holder = randomUUID();
  for (let tries = 0; tries < maximumTries; tries += 1) {
    const at = now();
    const expiresAt = addSeconds(at, leaseSeconds);
    if (await leaseStore.acquire({ name, holder, expiresAt }, at))
      return { name, holder, hasWaited: tries > 0 };
    await pause();
  }
  return { name, holder, hasWaited: true };
}

/** Releases the lease. Where that fails, the lease expires. */
export async function endRefreshTurn(
  { leaseStore }: RefreshTurnPorts,
  { name, holder }: RefreshTurn,
): Promise<void> {
  await leaseStore.release({ name, holder }).catch(() => undefined);
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, pauseMilliseconds));
}
