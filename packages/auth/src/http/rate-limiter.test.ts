import { describe, expect, it } from "vitest";
import { AuthError } from "../core/error.js";
import type { RateLimitStore } from "../core/stores/rate-limit-store.js";
import type { Stores } from "../core/stores/stores.js";
import { createMemoryStores } from "../testing/memory/stores.js";
import { createRateLimiter } from "./rate-limiter.js";
import type { RateLimiter } from "./rate-limiter.js";

/** Consumes `times` times in sequence, and returns `ok` or the error's code for each. */
async function consume(
  limiter: RateLimiter,
  times: number,
  address = "203.0.113.7",
): Promise<readonly unknown[]> {
  const results: unknown[] = [];
  for (let time = 0; time < times; time += 1) {
    results.push(
      await limiter.consume("login", address).then(
        () => "ok",
        (error: unknown) =>
          error instanceof AuthError ? error.code : String(error),
      ),
    );
  }
  return results;
}

/** A store that reports the given remaining time, and counts its calls. */
function createWatchedStore(remainingMilliseconds = 60_000): {
  readonly stores: Pick<Stores, "rateLimitStore">;
  readonly calls: () => number;
} {
  let calls = 0;
  const { deleteExpired } = createMemoryStores().rateLimitStore;
  const rateLimitStore: RateLimitStore = {
    count: async () => ({ count: (calls += 1), remainingMilliseconds }),
    deleteExpired,
  };
  return { stores: { rateLimitStore }, calls: () => calls };
}

describe("createRateLimiter", () => {
  it("allows the configured number of sign-ins per minute, and then reports how long to wait", async () => {
    const limiter = createRateLimiter(createMemoryStores(), { perMinute: 3 });
    const allowed = await consume(limiter, 3);

    const refused = limiter.consume("login", "203.0.113.7");

    expect(allowed).toEqual(["ok", "ok", "ok"]);
    await expect(refused).rejects.toMatchObject({
      code: "rate_limited",
      retryAfterSeconds: expect.toSatisfy(
        (value: number) => value >= 1 && value <= 60,
      ),
    });
  });

  it.each([
    [59_001, 60, "60 seconds"],
    [1000, 1, "1 second"],
    [1, 1, "1 second"],
    [0, 1, "1 second"],
  ])(
    "rounds %d remaining milliseconds up to %d seconds",
    async (remaining, retryAfterSeconds, words) => {
      const { stores } = createWatchedStore(remaining);
      const limiter = createRateLimiter(stores, { perMinute: 1 });
      await consume(limiter, 1);

      await expect(
        createRateLimiter(stores, { perMinute: 1 }).consume("login", "::/64"),
      ).rejects.toMatchObject({
        retryAfterSeconds,
        message: `Too many sign-ins from this address. Try again in ${words}.`,
      });
    },
  );

  it("counts each address and each action separately", async () => {
    const limiter = createRateLimiter(createMemoryStores(), { perMinute: 1 });
    await limiter.consume("login", "203.0.113.7");

    const results = await Promise.allSettled([
      limiter.consume("callback", "203.0.113.7"),
      limiter.consume("login", "203.0.113.8"),
      limiter.consume("login", "203.0.113.7"),
    ]);

    expect(results.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "rejected",
    ]);
  });

  it("shares the limit with every limiter on the same store", async () => {
    const stores = createMemoryStores();
    const [one, other] = [
      createRateLimiter(stores, { perMinute: 3 }),
      createRateLimiter(stores, { perMinute: 3 }),
    ];

    const results = [
      ...(await consume(one, 2)),
      ...(await consume(other, 2)),
      ...(await consume(one, 1)),
    ];

    expect(results).toEqual(["ok", "ok", "ok", "rate_limited", "rate_limited"]);
  });

  it("allows exactly the limit to concurrent callers", async () => {
    const limiter = createRateLimiter(createMemoryStores(), { perMinute: 5 });

    const results = await Promise.allSettled(
      Array.from({ length: 100 }, () =>
        limiter.consume("callback", "203.0.113.7"),
      ),
    );

    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(
      5,
    );
  });

  it("refuses every request while the store does not respond", async () => {
    const failing: RateLimitStore = {
      count: async () => {
        throw new AuthError("store_unavailable", "No answer.");
      },
      deleteExpired: async () => 0,
    };
    const limiter = createRateLimiter(
      { rateLimitStore: failing },
      { perMinute: 100 },
    );

    expect(await consume(limiter, 2)).toEqual([
      "store_unavailable",
      "store_unavailable",
    ]);
  });

  it("allows any number with 0, without a call to the store", async () => {
    const { stores, calls } = createWatchedStore();
    const limiter = createRateLimiter(stores, { perMinute: 0 });

    const results = await consume(limiter, 1000);

    expect(results.every((answer) => answer === "ok")).toBe(true);
    expect(calls()).toBe(0);
  });
});
