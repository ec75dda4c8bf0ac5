import type { LeaseStore } from "../../core/stores/lease-store.js";
import { takeExpired } from "./tables.js";
import type { Tables } from "./tables.js";

/** Creates the lease store on the shared tables. */
export function createMemoryLeaseStore({ leases }: Tables): LeaseStore {
  return {
    async acquire(lease, now) {
      const held = leases.get(lease.name);
      if (
        held !== undefined &&
        held.holder !== lease.holder &&
        held.expiresAt > now
      )
        return false;
      leases.set(lease.name, structuredClone(lease));
      return true;
    },
    async release({ name, holder }) {
      if (leases.get(name)?.holder === holder) leases.delete(name);
    },
    async deleteExpired(now, limit) {
      return takeExpired(leases, ({ expiresAt }) => expiresAt, now, limit)
        .length;
    },
  };
}
