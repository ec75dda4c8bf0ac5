import { describe, expect, it } from "vitest";
import { signIn } from "../../testing/sign-in.js";
import { createTestAuth } from "../../testing/test-auth.js";
import { testPeople } from "../../testing/provider/test-people.js";
import { createPartitionKey } from "../../testing/provider/fake-identity-client.js";

const { ada, ben } = testPeople;

describe("listSessions", () => {
  it("returns the user's own sessions, the most recently seen first", async () => {
    const test = createTestAuth();
    const older = await signIn(test, { person: ada });
    test.clock.advance(1);
    const newer = await signIn(test, { person: ada });
    await signIn(test, { person: ben });

    const sessions = await test.auth.listSessions(older);

    expect(sessions.map(({ id }) => id)).toEqual([
      newer.session.id,
      older.session.id,
    ]);
  });

  it("omits expired sessions", async () => {
    const test = createTestAuth();
    await signIn(test, { person: ada });
    test.clock.advance(3600);
    const present = await signIn(test, { person: ada });

    const sessions = await test.auth.listSessions(present);

    expect(sessions.map(({ id }) => id)).toEqual([present.session.id]);
  });

  it("returns at most 100 sessions", async () => {
    const test = createTestAuth();
    const present = await signIn(test, { person: ada });
    for (let count = 0; count < 100; count += 1)
      await signIn(test, { person: ada });

    await expect(test.auth.listSessions(present)).resolves.toHaveLength(100);
  });
});

describe("revokeSession", () => {
  it("ends that session immediately and no other", async () => {
    const test = createTestAuth();
    const here = await signIn(test, { person: ada });
    const there = await signIn(test, { person: ada });

    await test.auth.revokeSession(here, there.session.id);

    await expect(
      test.auth.readSession(there.sessionToken),
    ).resolves.toBeUndefined();
    await expect(
      test.auth.readSession(here.sessionToken),
    ).resolves.toBeDefined();
  });

  it("throws session_not_found for another user's session, which remains active", async () => {
    const test = createTestAuth();
    const here = await signIn(test, { person: ada });
    const bens = await signIn(test, { person: ben });

    const refused = test.auth.revokeSession(here, bens.session.id);

    await expect(refused).rejects.toMatchObject({
      code: "session_not_found",
      userId: here.user.id,
    });
    await expect(
      test.auth.readSession(bens.sessionToken),
    ).resolves.toBeDefined();
    expect(test.events.map(({ type }) => type)).not.toContain("session.ended");
  });

  it("throws the same error for another user's session and for an unknown session ID", async () => {
    const test = createTestAuth();
    const here = await signIn(test, { person: ada });
    const bens = await signIn(test, { person: ben });

    const refusals = await Promise.allSettled([
      test.auth.revokeSession(here, bens.session.id),
      test.auth.revokeSession(here, "unknown-session"),
    ]);

    const [anothers, unknown] = refusals.map((refusal) =>
      refusal.status === "rejected" ? String(refusal.reason) : "",
    );
    expect(anothers).toContain("no session");
    expect(anothers).toBe(unknown);
  });

  it("reports the end of the session", async () => {
    const test = createTestAuth();
    const here = await signIn(test, { person: ada });
    const there = await signIn(test, { person: ada });

    await test.auth.revokeSession(here, there.session.id);

    expect(test.events.at(-1)).toEqual({
      type: "session.ended",
      sessionId: there.session.id,
      userId: here.user.id,
      reason: "revoked",
    });
  });

  it("deletes the tokens with the account's last session", async () => {
    const test = createTestAuth();
    const here = await signIn(test, { person: ada, scopes: ["User.Read"] });

    await test.auth.revokeSession(here, here.session.id);

    await expect(
      test.stores.tokenCacheStore.find(
        createPartitionKey(ada),
        test.clock.now(),
      ),
    ).resolves.toBeUndefined();
  });
});

describe("endAllSessions", () => {
  it("ends every session of the user, including the current one, and no other user's", async () => {
    const test = createTestAuth();
    const here = await signIn(test, { person: ada });
    const there = await signIn(test, { person: ada });
    const bens = await signIn(test, { person: ben });

    await test.auth.endAllSessions(here);

    const present = await Promise.all(
      [here, there, bens].map(({ sessionToken }) =>
        test.auth.readSession(sessionToken),
      ),
    );
    expect(present.map((signedIn) => signedIn?.user.name)).toEqual([
      undefined,
      undefined,
      "Ben Okafor",
    ]);
  });

  it("returns the URL that signs the browser out at the identity provider", async () => {
    const test = createTestAuth();
    const here = await signIn(test, { person: ada });

    const url = new URL(await test.auth.endAllSessions(here));

    expect(url.pathname).toBe("/organizations/oauth2/v2.0/logout");
    expect(url.searchParams.get("logout_hint")).toContain(ada.objectId);
  });

  it("reports the end of each session", async () => {
    const test = createTestAuth();
    const here = await signIn(test, { person: ada });
    await signIn(test, { person: ada });

    await test.auth.endAllSessions(here);

    expect(test.events.slice(-2)).toMatchObject([
      { type: "session.ended", reason: "signed_out_everywhere" },
      { type: "session.ended", reason: "signed_out_everywhere" },
    ]);
  });
});
