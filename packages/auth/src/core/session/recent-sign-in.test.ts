import { describe, expect, it } from "vitest";
import { signIn } from "../../testing/sign-in.js";
import { createTestAuth } from "../../testing/test-auth.js";
import { testPeople } from "../../testing/provider/test-people.js";
import type { UserId } from "../identifiers.js";
import { requireFreshSignIn } from "./recent-sign-in.js";

const userId = "user-1" as UserId;
const now = new Date("2026-03-01T09:00:00Z");

function secondsAgo(seconds: number): Date {
  return new Date(now.getTime() - seconds * 1000);
}

describe("requireFreshSignIn", () => {
  it("lets pass who authenticated within the time", () => {
    const session = { authenticatedAt: secondsAgo(599), userId };

    expect(() => requireFreshSignIn(session, 600, now)).not.toThrow();
  });

  it("goes by the clock of the sign-in layer and the session's own sign-in", async () => {
    const { auth, identityClient, clock } = createTestAuth();
    const signedIn = await signIn(
      { auth, identityClient },
      { person: testPeople.ada },
    );
    const require = () => auth.requireFreshSignIn(signedIn, 600);

    clock.advance(599);
    expect(require).not.toThrow();
    clock.advance(1);

    expect(require).toThrow(
      expect.objectContaining({ code: "fresh_sign_in_required" }),
    );
  });

  it.each([
    ["just so long ago", secondsAgo(600)],
    ["longer ago", secondsAgo(601)],
    ["at a time that the identity provider did not tell", undefined],
  ])("refuses who authenticated %s, and says what would do", (_, instant) => {
    const session = { authenticatedAt: instant, userId };

    expect(() => requireFreshSignIn(session, 600, now)).toThrow(
      expect.objectContaining({
        code: "fresh_sign_in_required",
        maxAgeSeconds: 600,
        userId,
      }),
    );
  });
});
