import { describe, expect, it } from "vitest";
import { createAuditTrail } from "./audit-trail.js";
import { brand } from "../../testing/store-samples.js";
import { createMemoryStores } from "../../testing/memory/stores.js";
import { signIn } from "../../testing/sign-in.js";
import { createTestAuth } from "../../testing/test-auth.js";
import { testPeople } from "../../testing/provider/test-people.js";

const { ada, ben } = testPeople;
const scopes = ["User.Read"];

/** A sign-in layer with an audit trail. */
function createAuditedAuth() {
  const stores = createMemoryStores();
  const auditTrail = createAuditTrail({
    auditStore: stores.auditStore,
    onFailure: (error) => {
      throw error;
    },
  });
  return { ...createTestAuth({ stores, auditTrail }), auditTrail };
}

describe("users.delete", () => {
  it("ends the user's sessions in all browsers and deletes their tokens", async () => {
    const test = createAuditedAuth();
    const here = await signIn(test, { person: ada, scopes });
    const there = await signIn(test, { person: ada, scopes });
    const bens = await signIn(test, { person: ben, scopes });

    const wasThere = await test.auth.users.delete(here.user.id);

    const { auth } = test;
    expect(wasThere).toBe(true);
    expect(await auth.readSession(here.sessionToken)).toBeUndefined();
    expect(await auth.readSession(there.sessionToken)).toBeUndefined();
    expect(await auth.readSession(bens.sessionToken)).toBeDefined();
    await expect(
      auth.acquireAccessToken(here, { scopes }),
    ).rejects.toMatchObject({ code: "interaction_required" });
    expect(await auth.users.export(bens.user.id)).toMatchObject({
      tokens: [{}],
    });
  });

  it("returns false if there is no such user", async () => {
    const { auth, events } = createAuditedAuth();

    expect(await auth.users.delete("unknown")).toBe(false);
    expect(events).toEqual([]);
  });

  it("reports the deletion and the ended sessions, and keeps the entries without the name", async () => {
    const test = createAuditedAuth();
    const { user, session } = await signIn(test, { person: ada });
    const administrator = await signIn(test, { person: ben });

    await test.auth.users.delete(user.id);
    await test.auditTrail.settle();

    const { entries } =
      await test.auth.administration.listAuditEntries(administrator);
    expect(test.events.slice(-2)).toEqual([
      { type: "user.deleted", userId: user.id, actorId: undefined },
      {
        type: "session.ended",
        sessionId: session.id,
        userId: user.id,
        reason: "user_deleted",
      },
    ]);
    expect(
      entries
        .filter(({ userId }) => userId === user.id)
        .map(({ type, userName }) => [type, userName]),
    ).toEqual([
      ["user.deleted", null],
      ["flow.completed", null],
    ]);
    expect(JSON.stringify(entries)).not.toContain(ada.name);
  });

  it("lets the user sign in again, as a new user", async () => {
    const test = createAuditedAuth();
    const { user } = await signIn(test, { person: ada });
    await test.auth.users.delete(user.id);

    const again = await signIn(test, { person: ada });

    expect(again.isNewUser).toBe(true);
    expect(again.user.id).not.toBe(user.id);
  });
});

describe("users.export", () => {
  it("returns all data of the user at this registration, without secrets", async () => {
    const test = createAuditedAuth();
    const person = { ...ada, claims: { ...ada.claims, groups: ["group-1"] } };
    const signedIn = await signIn(test, {
      person,
      scopes,
      userAgent: "Firefox",
    });
    await signIn(test, { person: ben });
    await test.auditTrail.settle();

    const exported = await test.auth.users.export(signedIn.user.id);

    const { session, user, sessionToken } = signedIn;
    expect(exported).toEqual({
      user: { ...user, disabledAt: null, subject: expect.any(String) },
      sessions: [
        {
          ...session,
          lastSeenAt: session.createdAt,
          authenticatedAt: session.createdAt,
          userAgent: "Firefox",
          providerSessionId: expect.any(String),
        },
      ],
      tokens: [{ expiresAt: session.expiresAt }],
      events: [
        {
          id: expect.any(String),
          type: "flow.completed",
          occurredAt: expect.any(String),
          flowId: signedIn.flowId,
          sessionId: session.id,
          userId: user.id,
          actorId: null,
          code: null,
          aadsts: null,
          reason: null,
        },
      ],
    });
    const text = JSON.stringify(exported);
    expect(JSON.parse(text)).toEqual(exported);
    expect(text).not.toContain(
      sessionToken.slice(sessionToken.indexOf(".") + 1),
    );
  });

  it("returns every entry of a long audit trail", async () => {
    const test = createAuditedAuth();
    const { user } = await signIn(test, { person: ada });
    for (let count = 0; count < 1000; count += 1)
      test.auditTrail.record({
        type: "user.enabled",
        userId: brand(user.id),
        actorId: brand(user.id),
      });
    await test.auditTrail.settle();

    const exported = await test.auth.users.export(user.id);

    expect(exported?.events).toHaveLength(1001);
    expect(new Set(exported?.events.map(({ id }) => id)).size).toBe(1001);
  });

  it("returns undefined if there is no such user", async () => {
    const { auth } = createAuditedAuth();

    expect(await auth.users.export("unknown")).toBeUndefined();
  });
});
