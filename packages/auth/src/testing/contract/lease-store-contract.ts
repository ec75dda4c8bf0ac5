import assert from "node:assert/strict";

import type { Lease } from "../../core/stores/lease-store.js";
import type { StoreRule } from "../store-rule.js";
import { callConcurrently, later, now } from "../store-samples.js";

/** Defines the rules of `LeaseStore`. */
export function describeLeaseStore(rule: StoreRule): void {
  describeAcquisition(rule);
  describeRenewal(rule);
  describeRelease(rule);
  describeExpiry(rule);
}

/** The lease of the server `one`, until a minute after `now`. */
function createLease(changes: Partial<Lease> = {}): Lease {
  return {
    name: "housekeeping",
    holder: "one",
    expiresAt: later(60_000),
    ...changes,
  };
}

function describeAcquisition(rule: StoreRule): void {
  rule(
    "grants a lease to exactly one of 100 concurrent callers",
    async (stores) => {
      const results = await callConcurrently(100, (index) =>
        stores.leaseStore.acquire(
          createLease({ holder: `server-${index}` }),
          now,
        ),
      );

      assert.equal(results.filter((isAcquired) => isAcquired).length, 1);
    },
  );

  rule(
    "refuses a lease to another holder until it has expired",
    async ({ leaseStore }) => {
      const other = createLease({ holder: "two", expiresAt: later(120_000) });
      await leaseStore.acquire(createLease(), now);

      const results = [
        await leaseStore.acquire(other, later(59_999)),
        await leaseStore.acquire(other, later(60_000)),
        await leaseStore.acquire(createLease(), later(60_000)),
      ];

      assert.deepEqual(results, [false, true, false]);
    },
  );

  rule(
    "grants leases of different names independently",
    async ({ leaseStore }) => {
      await leaseStore.acquire(createLease(), now);

      assert.equal(
        await leaseStore.acquire(createLease({ name: "", holder: "two" }), now),
        true,
      );
    },
  );
}

function describeRenewal(rule: StoreRule): void {
  rule("renews a lease for its holder", async ({ leaseStore }) => {
    await leaseStore.acquire(createLease(), now);

    const isRenewed = await leaseStore.acquire(
      createLease({ expiresAt: later(90_000) }),
      later(30_000),
    );

    assert.equal(isRenewed, true);
    const other = createLease({ holder: "two", expiresAt: later(120_000) });
    assert.equal(await leaseStore.acquire(other, later(89_999)), false);
  });

  rule(
    "does not change a lease that it refuses to another holder",
    async ({ leaseStore }) => {
      await leaseStore.acquire(createLease(), now);
      const other = createLease({ holder: "two", expiresAt: later(120_000) });
      await leaseStore.acquire(other, now);

      const third = createLease({ holder: "three", expiresAt: later(120_000) });

      assert.equal(await leaseStore.acquire(third, later(60_000)), true);
    },
  );
}

function describeRelease(rule: StoreRule): void {
  rule("grants a released lease to another holder", async ({ leaseStore }) => {
    await leaseStore.acquire(createLease(), now);

    await leaseStore.release(createLease());

    const other = createLease({ holder: "two" });
    assert.equal(await leaseStore.acquire(other, now), true);
  });

  rule("releases a lease only for its holder", async (stores) => {
    const { leaseStore } = stores;
    await leaseStore.acquire(createLease(), now);

    await leaseStore.release({ name: "housekeeping", holder: "two" });
    await leaseStore.release({ name: "other", holder: "one" });

    const other = createLease({ holder: "two" });
    assert.equal(await leaseStore.acquire(other, now), false);
  });
}

function describeExpiry(rule: StoreRule): void {
  rule(
    "deletes only expired leases, up to the limit",
    async ({ leaseStore }) => {
      for (let index = 0; index < 5; index += 1)
        await leaseStore.acquire(createLease({ name: `token:${index}` }), now);
      const held = createLease({ expiresAt: later(60_001) });
      await leaseStore.acquire(held, now);

      const removed = [
        await leaseStore.deleteExpired(later(59_999), 3),
        await leaseStore.deleteExpired(later(60_000), 3),
        await leaseStore.deleteExpired(later(60_000), 3),
        await leaseStore.deleteExpired(later(60_000), 3),
      ];

      assert.deepEqual(removed, [0, 3, 2, 0]);
      const other = createLease({ holder: "two", expiresAt: later(120_000) });
      assert.equal(await leaseStore.acquire(other, later(60_000)), false);
    },
  );

  rule(
    "grants a lease to exactly one of 100 callers while expired leases are deleted",
    async ({ leaseStore }) => {
      await leaseStore.acquire(createLease({ holder: "crashed" }), now);
      const at = later(60_000);

      const results = await callConcurrently(100, async (index) => {
        await leaseStore.deleteExpired(at, 1);
        const holder = `server-${index}`;
        const expiresAt = later(120_000);
        return leaseStore.acquire(createLease({ holder, expiresAt }), at);
      });

      assert.equal(results.filter((isAcquired) => isAcquired).length, 1);
    },
  );
}
