import { describe, expect, it } from "vitest";
import { createRateLimiter } from "./rate-limiter.js";

async function consume(
  times: number,
  act: () => Promise<void>,
): Promise<readonly PromiseSettledResult<void>[]> {
  return Promise.allSettled(Array.from({ length: times }, act));
}

describe("createRateLimiter", () => {
  it("lets an address start so many sign-ins a minute, and then says how long to wait", async () => {
    const limiter = createRateLimiter(3);

    const answers = await consume(4, () =>
      limiter.consume("login", "203.0.113.7"),
    );

    expect(answers.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "fulfilled",
      "rejected",
    ]);
    expect(answers[3]).toMatchObject({
      reason: {
        code: "rate_limited",
        retryAfterSeconds: expect.toSatisfy(
          (value: number) => value >= 1 && value <= 60,
        ),
      },
    });
  });

  it("keeps a budget for each address and for each action", async () => {
    const limiter = createRateLimiter(1);
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

  it("allows any number with 0", async () => {
    const limiter = createRateLimiter(0);

    const answers = await consume(1000, () =>
      limiter.consume("login", "203.0.113.7"),
    );

    expect(answers.every(({ status }) => status === "fulfilled")).toBe(true);
  });
});
