import { describe, expect, it } from "vitest";
import { signIn } from "../../testing/sign-in.js";
import { createTestAuth } from "../../testing/test-auth.js";
import { testPeople } from "../../testing/provider/test-people.js";
import { createPartitionKey } from "../../testing/provider/fake-identity-client.js";

const { ada, ben } = testPeople;

describe("listSessions", () => {
  it("answers the person's own sessions, the most recently seen first", async () => {
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

  it("leaves out what has expired", async () => {
    const test = createTestAuth();
    await signIn(test, { person: ada });
    test.clock.advance(3600);
    const present = await signIn(test, { person: ada });

    const sessions = await test.auth.listSessions(present);

    expect(sessions.map(({ id }) => id)).toEqual([present.session.id]);
  });

  it("answers a hundred at most", async () => {
    const test = createTestAuth();
    const present = await signIn(test, { person: ada });
    for (let count = 0; count < 100; count += 1)
      await signIn(test, { person: ada });

    await expect(test.auth.listSessions(present)).resolves.toHaveLength(100);
  });
});

describe("revokeSession", () => {
  it("ends the session at once, and that one alone", async () => {
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

  it("answers session_not_found for somebody else's session, which lives on", async () => {
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

  it("answers session_not_found for a session that nobody has, in the same words", async () => {
    const test = createTestAuth();
    const here = await signIn(test, { person: ada });
    const bens = await signIn(test, { person: ben });

    const refusals = await Promise.allSettled([
      test.auth.revokeSession(here, bens.session.id),
      test.auth.revokeSession(here, "nobodys-session"),
    ]);

    const [somebodys, nobodys] = refusals.map((refusal) =>
      refusal.status === "rejected" ? String(refusal.reason) : "",
    );
    expect(somebodys).toContain("no session");
    expect(somebodys).toBe(nobodys);
  });

  it("tells of the end", async () => {
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

  it("forgets the tokens with the account's last session", async () => {
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
  it("ends every session of the person, the present one included, and nobody else's", async () => {
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

  it("answers where the browser signs out at the identity provider", async () => {
    const test = createTestAuth();
    const here = await signIn(test, { person: ada });

    const url = new URL(await test.auth.endAllSessions(here));

    expect(url.pathname).toBe("/organizations/oauth2/v2.0/logout");
    expect(url.searchParams.get("logout_hint")).toContain(ada.objectId);
  });

  it("tells of each end", async () => {
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
