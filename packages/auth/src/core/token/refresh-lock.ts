import { randomUUID } from "node:crypto";

import type { PartitionKey } from "../identifiers.js";
import type { Ports } from "../ports.js";
import type { Lease } from "../stores/lease-store.js";
import { addSeconds } from "../time.js";

export type RefreshLockPorts = Pick<
  Ports,
  "identityClient" | "leaseStore" | "now"
>;

// A refresh takes 8 seconds at most; the rest is for clocks that differ.
const leaseSeconds = 10;
const pauseMilliseconds = 50;
const maximumTries = (leaseSeconds * 1000) / pauseMilliseconds;

/**
 * Runs the refresh while no other server refreshes the tokens of the same account. The lock is a lease, so the lock of a
 * server that crashed expires. If the lease cannot be acquired for ten seconds, the refresh runs without it: two
 * refreshes at the same time cost one more request and overwrite nothing.
 */
export async function withRefreshLock<Result>(
  ports: RefreshLockPorts,
  partitionKey: PartitionKey,
  refresh: () => Promise<Result>,
): Promise<Result> {
  const name = `token:${ports.identityClient.clientId}:${partitionKey}`;
  const lease = { name, holder: randomUUID() };
  await acquireLease(ports, lease);
  try {
    return await refresh();
  } finally {
    // A lease that cannot be released expires.
    await ports.leaseStore.release(lease).catch(() => undefined);
  }
}

async function acquireLease(
  { leaseStore, now }: RefreshLockPorts,
  lease: Pick<Lease, "name" | "holder">,
): Promise<void> {
  for (let tries = 0; tries < maximumTries; tries += 1) {
    const at = now();
    const expiresAt = addSeconds(at, leaseSeconds);
    if (await leaseStore.acquire({ ...lease, expiresAt }, at)) return;
    await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds));
  }
}
