import { describe, expect, it } from "vitest";

import { createMemoryStoresOn } from "../testing/memory/stores.js";
import { createSharedTables } from "../testing/memory/tables.js";
import { createProviderSessionId } from "../testing/provider/fake-identity-provider.js";
import { testPeople } from "../testing/provider/test-people.js";
import type { TestPerson } from "../testing/provider/test-people.js";
import { signIn, signInAtProvider } from "../testing/sign-in.js";
import { createTestAuth } from "../testing/test-auth.js";
import type { TestAuthOptions } from "../testing/test-auth.js";
import { createAuditTrail } from "./administration/audit-trail.js";

const ada: TestPerson = { ...testPeople.ada, claims: { roles: ["Admin"] } };
const adaElsewhere: TestPerson = { ...ada, claims: { roles: ["Reader"] } };

/** Two applications with registrations of their own, on one database. */
function createTwoApps(options: TestAuthOptions = {}) {
  const shared = createSharedTables();
  const [first, second] = ["client-1", "client-2"].map((clientId) =>
    createTestAuth({
      ...options,
      stores: createMemoryStoresOn(shared),
      client: { clientId },
    }),
  );
  if (first === undefined || second === undefined) throw new Error("No apps.");
  return { first, second };
}

describe("createAuth on a database shared with another application", () => {
  it("does not change the user's roles in the other application", async () => {
    const { first, second } = createTwoApps();
    const { sessionToken } = await signIn(first, { person: ada });

    const { user } = await signIn(second, { person: adaElsewhere });

    expect(user.roles).toEqual(["Reader"]);
    expect((await first.auth.readSession(sessionToken))?.user.roles).toEqual([
      "Admin",
    ]);
  });

  it("does not accept the other application's session cookie", async () => {
    const { first, second } = createTwoApps();
    const { sessionToken } = await signIn(first, { person: ada });
    await signIn(second, { person: ada });

    await second.auth.endSession(sessionToken);

    expect(await second.auth.readSession(sessionToken)).toBeUndefined();
    expect(await first.auth.readSession(sessionToken)).toBeDefined();
  });

  it("does not complete a flow that the other application initiated", async () => {
    const { first, second } = createTwoApps();
    const callback = await signInAtProvider(first, { person: ada });

    await expect(second.auth.completeFlow(callback)).rejects.toMatchObject({
      code: "flow_not_found",
    });
    await expect(first.auth.completeFlow(callback)).resolves.toBeDefined();
  });

  it("reports a user as new until it has admitted one of their sign-ins", async () => {
    const seen: unknown[] = [];
    const { first, second } = createTwoApps({
      onSignIn: ({ isNewUser, existingUser }) => {
        seen.push([isNewUser, existingUser?.roles]);
        return undefined;
      },
    });
    await signIn(first, { person: ada });

    const { isNewUser } = await signIn(second, { person: adaElsewhere });
    await signIn(first, { person: ada });

    expect(isNewUser).toBe(true);
    expect(seen).toEqual([
      [true, undefined],
      [true, undefined],
      [false, ["Admin"]],
    ]);
  });

  it("admits a user whom the other application has disabled", async () => {
    const { first, second } = createTwoApps();
    const administrator = await signIn(first, { person: testPeople.ben });
    const { user } = await signIn(first, { person: ada });
    await first.auth.administration.disableUser(administrator, user.id);

    await expect(signIn(first, { person: ada })).rejects.toMatchObject({
      code: "user_disabled",
    });
    await expect(signIn(second, { person: ada })).resolves.toBeDefined();
  });

  it("lists and disables only users who have signed in to it", async () => {
    const { first, second } = createTwoApps();
    const { user } = await signIn(first, { person: ada });
    const administrator = await signIn(second, { person: testPeople.ben });
    const { administration } = second.auth;

    const { users } = await administration.listUsers(administrator);
    const disabling = administration.disableUser(administrator, user.id);

    expect(users.map(({ name }) => name)).toEqual([testPeople.ben.name]);
    await expect(disabling).rejects.toMatchObject({ code: "user_not_found" });
  });

  it("ends only its own sessions when the identity provider signs a person out", async () => {
    const { first, second } = createTwoApps();
    const own = await signIn(first, { person: ada });
    const others = await signIn(second, { person: ada });

    await first.auth.endProviderSession(createProviderSessionId(ada));

    expect(await first.auth.readSession(own.sessionToken)).toBeUndefined();
    expect(await second.auth.readSession(others.sessionToken)).toBeDefined();
  });

  it("reports the end of its own expired sessions only", async () => {
    const { first, second } = createTwoApps();
    const own = await signIn(first, { person: ada });
    await signIn(second, { person: ada });
    for (const { clock } of [first, second]) clock.advance(3600 + 301);

    const removed = [
      await first.auth.deleteExpired(),
      await second.auth.deleteExpired(),
    ];

    expect(removed.map(({ sessions }) => sessions)).toEqual([1, 1]);
    expect(
      first.events.filter(({ type }) => type === "session.ended"),
    ).toMatchObject([{ sessionId: own.session.id, reason: "expired" }]);
  });

  it("keeps its own audit trail, even if the trail was created before the stores were bound to a client", async () => {
    const shared = createSharedTables();
    const apps = ["client-1", "client-2"].map((clientId) => {
      const stores = createMemoryStoresOn(shared);
      const trail = createAuditTrail({
        auditStore: stores.auditStore,
        onFailure: (error) => expect.fail(String(error)),
      });
      const test = createTestAuth({
        stores,
        client: { clientId },
        onEvent: trail.record,
      });
      return { test, trail };
    });
    const administrators = await Promise.all(
      apps.map(({ test }) => signIn(test, { person: ada })),
    );
    for (const { trail } of apps) await trail.settle();

    const pages = await Promise.all(
      apps.map(({ test: { auth } }, index) => {
        const administrator = administrators[index];
        if (administrator === undefined) throw new Error("Not signed in.");
        return auth.administration.listAuditEntries(administrator);
      }),
    );

    expect(
      pages.map(({ entries }) => entries.map(({ sessionId }) => sessionId)),
    ).toEqual(administrators.map(({ session }) => [session.id]));
  });

  it("refuses stores that belong to another application", () => {
    const { stores } = createTestAuth({ client: { clientId: "client-1" } });

    expect(() =>
      createTestAuth({ stores, client: { clientId: "client-2" } }),
    ).toThrow("These stores belong to the client client-1.");
  });
});
