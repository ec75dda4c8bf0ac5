import assert from "node:assert/strict";

import type { Lease } from "../../core/stores/lease-store.js";
import type { StoreRule } from "../store-rule.js";
import { callConcurrently, later, now } from "../store-samples.js";

/** States the promises of `LeaseStore`. */
export function describeLeaseStore(rule: StoreRule): void {
  describeAcquisition(rule);
  describeRenewal(rule);
  describeRelease(rule);
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
  rule("gives a lease to one of 100 concurrent callers", async (stores) => {
    const answers = await callConcurrently(100, (index) =>
      stores.leaseStore.acquire(
        createLease({ holder: `server-${index}` }),
        now,
      ),
    );

    assert.equal(answers.filter((isAcquired) => isAcquired).length, 1);
  });

  rule(
    "refuses a lease until the holder's time has passed, and then gives it",
    async ({ leaseStore }) => {
      const other = createLease({ holder: "two", expiresAt: later(120_000) });
      await leaseStore.acquire(createLease(), now);

      const answers = [
        await leaseStore.acquire(other, later(59_999)),
        await leaseStore.acquire(other, later(60_000)),
        await leaseStore.acquire(createLease(), later(60_000)),
      ];

      assert.deepEqual(answers, [false, true, false]);
    },
  );

  rule("gives leases of other names apart", async ({ leaseStore }) => {
    await leaseStore.acquire(createLease(), now);

    assert.equal(
      await leaseStore.acquire(createLease({ name: "", holder: "two" }), now),
      true,
    );
  });
}

function describeRenewal(rule: StoreRule): void {
  rule("renews the holder's own lease", async ({ leaseStore }) => {
    await leaseStore.acquire(createLease(), now);

    const isRenewed = await leaseStore.acquire(
      createLease({ expiresAt: later(90_000) }),
      later(30_000),
    );

    assert.equal(isRenewed, true);
    const other = createLease({ holder: "two", expiresAt: later(120_000) });
    assert.equal(await leaseStore.acquire(other, later(89_999)), false);
  });

  rule("leaves a lease as it is that it refuses", async ({ leaseStore }) => {
    await leaseStore.acquire(createLease(), now);
    const other = createLease({ holder: "two", expiresAt: later(120_000) });
    await leaseStore.acquire(other, now);

    const third = createLease({ holder: "three", expiresAt: later(120_000) });

    assert.equal(await leaseStore.acquire(third, later(60_000)), true);
  });
}

function describeRelease(rule: StoreRule): void {
  rule(
    "gives a lease that was given back to another",
    async ({ leaseStore }) => {
      await leaseStore.acquire(createLease(), now);

      await leaseStore.release(createLease());

      const other = createLease({ holder: "two" });
      assert.equal(await leaseStore.acquire(other, now), true);
    },
  );

  rule(
    "leaves a lease to its holder, whoever gives it back",
    async (stores) => {
      const { leaseStore } = stores;
      await leaseStore.acquire(createLease(), now);

      await leaseStore.release({ name: "housekeeping", holder: "two" });
      await leaseStore.release({ name: "other", holder: "one" });

      const other = createLease({ holder: "two" });
      assert.equal(await leaseStore.acquire(other, now), false);
    },
  );
}
