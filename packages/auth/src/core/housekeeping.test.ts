import { describe, expect, it } from "vitest";
import { signIn } from "../testing/sign-in.js";
import { createTestAuth } from "../testing/test-auth.js";
import type { TestAuth } from "../testing/test-auth.js";
import { testPeople } from "../testing/test-people.js";
import type { PartitionKey } from "./identifiers.js";
import type { Session } from "./ports.js";

const { ada } = testPeople;
/** Longer than the idle timeout, shorter than the tokens live. */
const idleSeconds = 3601;

function findTokens({ stores, clock }: TestAuth, session: Session) {
  const { partitionKey = "" as PartitionKey } = session;
  return stores.tokenCacheStore.find(partitionKey, clock.now());
}

describe("deleteExpired", () => {
  it("forgets the tokens with the last session that refers to them, as any other end does", async () => {
    const test = createTestAuth();
    const { session, user } = await signIn(test, { person: ada });
    test.clock.advance(idleSeconds);

    const deleted = await test.auth.deleteExpired();

    expect(deleted).toMatchObject({ sessions: 1, tokenCaches: 0 });
    await expect(findTokens(test, session)).resolves.toBeUndefined();
    expect(test.events.at(-1)).toEqual({
      type: "session.ended",
      sessionId: session.id,
      userId: user.id,
      reason: "expired",
    });
  });

  it("keeps the tokens that another session of the account still refers to", async () => {
    const test = createTestAuth();
    await signIn(test, { person: ada });
    test.clock.advance(idleSeconds);
    const { session } = await signIn(test, { person: ada });

    const deleted = await test.auth.deleteExpired();

    expect(deleted).toMatchObject({ sessions: 1 });
    await expect(findTokens(test, session)).resolves.toBeDefined();
  });
});
