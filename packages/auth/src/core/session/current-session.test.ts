import { describe, expect, it } from "vitest";
import { signIn } from "../../testing/sign-in.js";
import { createTestAuth } from "../../testing/test-auth.js";
import { testPeople } from "../../testing/provider/test-people.js";
import type { TestPerson } from "../../testing/provider/test-people.js";

const { ada } = testPeople;

describe("requireFreshSignIn", () => {
  it("accepts a user who authenticated within the maximum age", async () => {
    const test = createTestAuth();
    const active = await signIn(test, { person: ada });

    test.clock.advance(599);

    await expect(
      test.auth.requireFreshSignIn(active, 600),
    ).resolves.toBeUndefined();
  });

  it.each<[string, TestPerson, number]>([
    ["exactly that long ago", ada, 600],
    ["longer ago", ada, 601],
    [
      "at a time that the identity provider does not state",
      { ...ada, claims: { auth_time: undefined } },
      0,
    ],
  ])(
    "throws fresh_sign_in_required with the maximum age for a user who authenticated %s",
    async (_, person, seconds) => {
      const test = createTestAuth();
      const active = await signIn(test, { person });

      test.clock.advance(seconds);

      await expect(
        test.auth.requireFreshSignIn(active, 600),
      ).rejects.toMatchObject({
        code: "fresh_sign_in_required",
        maxAgeSeconds: 600,
        userId: active.user.id,
      });
    },
  );
});
