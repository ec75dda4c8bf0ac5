import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";

import type { RateLimitStore } from "../../core/stores/rate-limit-store.js";
import type { StoreRule } from "../store-rule.js";
import { callConcurrently } from "../store-samples.js";

/** Defines the rules of `RateLimitStore`. */
export function describeRateLimitStore(rule: StoreRule): void {
  describeCount(rule);
  describeWindow(rule);
  describeExpiry(rule);
}

const key = "login:203.0.113.7";

async function countTimes(
  { count }: RateLimitStore,
  times: number,
): Promise<readonly number[]> {
  const counts: number[] = [];
  for (let time = 0; time < times; time += 1)
    counts.push((await count(key, 60)).count);
  return counts;
}

function describeCount(rule: StoreRule): void {
  rule("starts to count a key at one", async ({ rateLimitStore }) => {
    assert.deepEqual(await countTimes(rateLimitStore, 3), [1, 2, 3]);
  });

  rule(
    "returns a different number to each of 100 concurrent callers",
    async ({ rateLimitStore }) => {
      const results = await callConcurrently(100, () =>
        rateLimitStore.count(key, 60),
      );

      assert.deepEqual(
        results.map(({ count }) => count).toSorted((one, two) => one - two),
        Array.from({ length: 100 }, (_, index) => index + 1),
      );
    },
  );

  rule(
    "counts each key separately, whatever its characters",
    async ({ rateLimitStore }) => {
      const keys = [
        key,
        key.toUpperCase(),
        `${key} `,
        "callback:203.0.113.7",
        "'; DROP TABLE auth_rate_limit; --",
        "%",
        "__proto__",
        "",
        "🦊",
        "x".repeat(10_000),
      ];

      for (const some of [...keys, ...keys])
        await rateLimitStore.count(some, 60);

      for (const some of keys)
        assert.equal((await rateLimitStore.count(some, 60)).count, 3);
    },
  );
}

function describeWindow(rule: StoreRule): void {
  rule(
    "returns the remaining time of a key's window",
    async ({ rateLimitStore }) => {
      const { remainingMilliseconds } = await rateLimitStore.count(key, 60);

      assert.ok(remainingMilliseconds > 0);
      assert.ok(remainingMilliseconds <= 60_000);
    },
  );

  rule("does not extend an open window", async ({ rateLimitStore }) => {
    await rateLimitStore.count(key, 60);

    const { count, remainingMilliseconds } = await rateLimitStore.count(
      key,
      3600,
    );

    assert.equal(count, 2);
    assert.ok(remainingMilliseconds <= 60_000);
  });

  rule(
    "opens a new window that starts at one after a window has passed",
    async ({ rateLimitStore }) => {
      await rateLimitStore.count(key, 0.001);
      await waitUntil(Date.now() + 2);

      const { count, remainingMilliseconds } = await rateLimitStore.count(
        key,
        60,
      );

      assert.equal(count, 1);
      assert.ok(remainingMilliseconds > 1);
      assert.deepEqual(await countTimes(rateLimitStore, 1), [2]);
    },
  );
}

function describeExpiry(rule: StoreRule): void {
  rule(
    "deletes only counts whose window has passed, up to the limit",
    async ({ rateLimitStore }) => {
      await callConcurrently(5, (index) =>
        rateLimitStore.count(`passed-${index}`, 60),
      );
      await rateLimitStore.count("open", 36_000);
      const now = new Date(Date.now() + 60_000);

      const removed = [
        await rateLimitStore.deleteExpired(now, 3),
        await rateLimitStore.deleteExpired(now, 3),
        await rateLimitStore.deleteExpired(now, 3),
      ];

      assert.deepEqual(removed, [3, 2, 0]);
      assert.equal((await rateLimitStore.count("passed-0", 60)).count, 1);
      assert.equal((await rateLimitStore.count("open", 60)).count, 2);
    },
  );
}

/** Waits until the clock of the process, which the stores use, has reached this instant. */
async function waitUntil(milliseconds: number): Promise<void> {
  while (Date.now() < milliseconds) await setTimeout(1);
}
