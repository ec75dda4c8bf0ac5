import { describe, expect, it } from "vitest";
import { AuthError } from "../core/error.js";
import type { RateLimitStore } from "../core/stores/rate-limit-store.js";
import type { Stores } from "../core/stores/stores.js";
import { createMemoryStores } from "../testing/memory/stores.js";
import { createRateLimiter } from "./rate-limiter.js";
import type { RateLimiter } from "./rate-limiter.js";

/** Consumes so many times, one after the other, and returns `ok` or the error's code of each. */
async function consume(
  limiter: RateLimiter,
  times: number,
  address = "203.0.113.7",
): Promise<readonly unknown[]> {
  const answers: unknown[] = [];
  for (let time = 0; time < times; time += 1) {
    answers.push(
      await limiter.consume("login", address).then(
        () => "ok",
        (error: unknown) =>
          error instanceof AuthError ? error.code : String(error),
      ),
    );
  }
  return answers;
}

/** A store whose windows last as long as they are meant to by its own account, and which says how often it was asked. */
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
  it("lets an address start so many sign-ins a minute, and then says how long to wait", async () => {
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
    "says for %d milliseconds to come back in %d seconds, never too early",
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

  it("keeps a budget for each address and for each action", async () => {
    const limiter = createRateLimiter(createMemoryStores(), { perMinute: 1 });
    await limiter.consume("login", "203.0.113.7");

    const answers = await Promise.allSettled([
      limiter.consume("callback", "203.0.113.7"),
      limiter.consume("login", "203.0.113.8"),
      limiter.consume("login", "203.0.113.7"),
    ]);

    expect(answers.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "rejected",
    ]);
  });

  it("shares the budget with every limiter on the same store", async () => {
    const stores = createMemoryStores();
    const [one, other] = [
      createRateLimiter(stores, { perMinute: 3 }),
      createRateLimiter(stores, { perMinute: 3 }),
    ];

    const answers = [
      ...(await consume(one, 2)),
      ...(await consume(other, 2)),
      ...(await consume(one, 1)),
    ];

    expect(answers).toEqual(["ok", "ok", "ok", "rate_limited", "rate_limited"]);
  });

  it("allows exactly the budget to callers that come at once", async () => {
    const limiter = createRateLimiter(createMemoryStores(), { perMinute: 5 });

    const answers = await Promise.allSettled(
      Array.from({ length: 100 }, () =>
        limiter.consume("callback", "203.0.113.7"),
      ),
    );

    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(
      5,
    );
  });

  it("lets nobody through while the store does not answer", async () => {
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

  it("allows any number with 0, and asks nobody", async () => {
    const { stores, calls } = createWatchedStore();
    const limiter = createRateLimiter(stores, { perMinute: 0 });

    const answers = await consume(limiter, 1000);

    expect(answers.every((answer) => answer === "ok")).toBe(true);
    expect(calls()).toBe(0);
  });
});
