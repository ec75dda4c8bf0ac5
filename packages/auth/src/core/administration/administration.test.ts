import { describe, expect, it } from "vitest";
import { signIn, signInAtProvider } from "../../testing/sign-in.js";
import { createTestAuth } from "../../testing/test-auth.js";
import type { TestAuth, TestAuthOptions } from "../../testing/test-auth.js";
import { testPeople, testTenants } from "../../testing/provider/test-people.js";
import type { TestPerson } from "../../testing/provider/test-people.js";
import { createAuditTrail } from "./audit-trail.js";
import { createMemoryStores } from "../../testing/memory/stores.js";
import type { CompletedFlow } from "../sign-in/complete-flow.js";

const { ada, ben, graceAtHome: grace, pia } = testPeople;

/** A sign-in layer with an audit trail, and an administrator of Contoso. */
async function open(
  options: TestAuthOptions = {},
): Promise<TestAuth & { readonly administrator: CompletedFlow }> {
  const stores = createMemoryStores();
  const trail = createAuditTrail({
    auditStore: stores.auditStore,
    onFailure: (error) => {
      throw error;
    },
  });
  const test = createTestAuth({
    stores,
    onEvent: trail.record,
    ...options,
  });
  return { ...test, administrator: await signIn(test, { person: ada }) };
}

function namesakes(count: number): readonly TestPerson[] {
  return Array.from({ length: count }, (_, index) => ({
    ...ben,
    objectId: `be000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
    name: `Ben ${String(index).padStart(3, "0")}`,
  }));
}

describe("listUsers", () => {
  it("returns only users of the administrator's organisation, ordered by name", async () => {
    const test = await open();
    await signIn(test, { person: grace });
    await signIn(test, { person: ben });

    const { users, next } = await test.auth.administration.listUsers(
      test.administrator,
    );

    expect(users.map(({ name }) => name)).toEqual([
      "Ada Lovelace",
      "Ben Okafor",
    ]);
    expect(next).toBeNull();
  });

  it("returns each user once across the pages", async () => {
    const test = await open();
    for (const person of namesakes(4)) await signIn(test, { person });
    const names: string[] = [];
    let after: string | undefined;

    do {
      const page = await test.auth.administration.listUsers(
        test.administrator,
        { limit: 2, after },
      );
      names.push(...page.users.map(({ name }) => name));
      after = page.next ?? undefined;
    } while (after !== undefined);

    expect(names).toEqual([
      "Ada Lovelace",
      "Ben 000",
      "Ben 001",
      "Ben 002",
      "Ben 003",
    ]);
  });

  it("returns 50 users by default", async () => {
    const test = await open();
    for (const person of namesakes(50)) await signIn(test, { person });

    const page = await test.auth.administration.listUsers(test.administrator);

    expect(page.users).toHaveLength(50);
    expect(page.next).toBe(page.users[49]?.id);
  });

  it("returns no next page if the last user fits on this one", async () => {
    const test = await open();
    await signIn(test, { person: ben });

    const { users, next } = await test.auth.administration.listUsers(
      test.administrator,
      { limit: 2 },
    );

    expect(users).toHaveLength(2);
    expect(next).toBeNull();
  });

  it("finds users by a part of the name or the user name", async () => {
    const test = await open();
    await signIn(test, { person: ben });
    const search = async (text: string) => {
      const page = await test.auth.administration.listUsers(
        test.administrator,
        { search: text },
      );
      return page.users.map(({ name }) => name);
    };

    const found = [
      await search("okaf"),
      await search("BEN@"),
      await search("unknown"),
      await search(""),
    ];

    expect(found).toEqual([
      ["Ben Okafor"],
      ["Ben Okafor"],
      [],
      ["Ada Lovelace", "Ben Okafor"],
    ]);
  });
});

describe("disableUser", () => {
  it("ends every session of the user at once and refuses their sign-ins", async () => {
    const test = await open();
    const [one, two] = [
      await signIn(test, { person: ben }),
      await signIn(test, { person: ben }),
    ];

    const count = await test.auth.administration.disableUser(
      test.administrator,
      one.user.id,
    );

    expect(count).toBe(2);
    for (const { sessionToken } of [one, two])
      await expect(
        test.auth.readSession(sessionToken),
      ).resolves.toBeUndefined();
    await expect(signIn(test, { person: ben })).rejects.toMatchObject({
      code: "user_disabled",
    });
  });

  it("throws user_not_found for a user of another organisation, who stays signed in", async () => {
    const test = await open();
    const graces = await signIn(test, { person: grace });

    const refused = test.auth.administration.disableUser(
      test.administrator,
      graces.user.id,
    );

    await expect(refused).rejects.toMatchObject({ code: "user_not_found" });
    await expect(
      test.auth.readSession(graces.sessionToken),
    ).resolves.toBeDefined();
  });

  it("refuses to let administrators disable themselves", async () => {
    const test = await open();

    const refused = test.auth.administration.disableUser(
      test.administrator,
      test.administrator.user.id,
    );

    await expect(refused).rejects.toMatchObject({ code: "invalid_request" });
    await expect(
      test.auth.readSession(test.administrator.sessionToken),
    ).resolves.toBeDefined();
  });

  it("refuses a sign-in that read the user as enabled just before", async () => {
    const stores = createMemoryStores();
    const test = await open({
      stores: {
        ...stores,
        sessionStore: {
          ...stores.sessionStore,
          admit: async (admission) => {
            const { tenantId, objectId } = admission.profile;
            const found = await stores.userStore.findByObjectId(
              tenantId,
              objectId,
            );
            if (found?.name === "Ben Okafor")
              await stores.userStore.disable(found.id, tenantId, new Date());
            return stores.sessionStore.admit(admission);
          },
        },
      },
    });

    await signIn(test, { person: ben });

    await expect(signIn(test, { person: ben })).rejects.toMatchObject({
      code: "user_disabled",
    });
  });

  it("reports the administrator, the user and each session that ended", async () => {
    const test = await open();
    const { user, session } = await signIn(test, { person: ben });

    await test.auth.administration.disableUser(test.administrator, user.id);

    expect(test.events.slice(-2)).toEqual([
      {
        type: "user.disabled",
        userId: user.id,
        actorId: test.administrator.user.id,
      },
      {
        type: "session.ended",
        sessionId: session.id,
        userId: user.id,
        reason: "user_disabled",
      },
    ]);
  });
});

describe("user_not_found", () => {
  it("contains the administrator's user ID, for the log", async () => {
    const { auth, administrator } = await open();
    const actorId = administrator.user.id;

    const refusals = await Promise.allSettled([
      auth.administration.disableUser(administrator, "unknown"),
      auth.administration.enableUser(administrator, "unknown"),
    ]);

    expect(refusals).toMatchObject([
      { reason: { code: "user_not_found", userId: actorId } },
      { reason: { code: "user_not_found", userId: actorId } },
    ]);
  });
});

describe("enableUser", () => {
  it("lets the user sign in again but does not restore old sessions", async () => {
    const test = await open();
    const old = await signIn(test, { person: ben });
    const { administration } = test.auth;
    await administration.disableUser(test.administrator, old.user.id);

    await administration.enableUser(test.administrator, old.user.id);

    await expect(
      test.auth.readSession(old.sessionToken),
    ).resolves.toBeUndefined();
    await expect(signIn(test, { person: ben })).resolves.toMatchObject({
      user: { id: old.user.id },
    });
  });

  it("throws user_not_found for a user of another organisation", async () => {
    const test = await open();
    const { user } = await signIn(test, { person: grace });

    const refused = test.auth.administration.enableUser(
      test.administrator,
      user.id,
    );

    await expect(refused).rejects.toMatchObject({ code: "user_not_found" });
  });

  it("reports the administrator and the user", async () => {
    const test = await open();
    const { user } = await signIn(test, { person: ben });

    await test.auth.administration.enableUser(test.administrator, user.id);

    expect(test.events.at(-1)).toEqual({
      type: "user.enabled",
      userId: user.id,
      actorId: test.administrator.user.id,
    });
  });
});

describe("deleteUser", () => {
  it("deletes the user and reports the administrator", async () => {
    const test = await open();
    const bens = await signIn(test, { person: ben });

    await test.auth.administration.deleteUser(test.administrator, bens.user.id);

    const { users } = await test.auth.administration.listUsers(
      test.administrator,
    );
    expect(users.map(({ id }) => id)).toEqual([test.administrator.user.id]);
    expect(test.events).toContainEqual({
      type: "user.deleted",
      userId: bens.user.id,
      actorId: test.administrator.user.id,
    });
    await expect(
      test.auth.readSession(bens.sessionToken),
    ).resolves.toBeUndefined();
  });

  it("throws invalid_request if administrators delete themselves", async () => {
    const { auth, administrator } = await open();

    await expect(
      auth.administration.deleteUser(administrator, administrator.user.id),
    ).rejects.toMatchObject({
      code: "invalid_request",
      message:
        "Administrators cannot delete themselves. Ask another administrator.",
    });
  });

  it("[U8] throws user_not_found for a user of another organisation, who stays", async () => {
    const test = await open();
    const graces = await signIn(test, { person: grace });

    await expect(
      test.auth.administration.deleteUser(test.administrator, graces.user.id),
    ).rejects.toMatchObject({ code: "user_not_found" });
    await expect(
      test.auth.readSession(graces.sessionToken),
    ).resolves.toBeDefined();
  });
});

describe("exportUser", () => {
  it("returns the data of a user of the administrator's organisation only", async () => {
    const test = await open();
    const bens = await signIn(test, { person: ben });
    const graces = await signIn(test, { person: grace });
    const { administration } = test.auth;

    const exported = await administration.exportUser(
      test.administrator,
      bens.user.id,
    );

    expect(exported).toEqual(await test.auth.users.export(bens.user.id));
    await expect(
      administration.exportUser(test.administrator, graces.user.id),
    ).rejects.toMatchObject({ code: "user_not_found" });
  });
});

describe("listAuditEntries", () => {
  it("returns only entries of the administrator's organisation, the newest first", async () => {
    const test = await open();
    await signIn(test, { person: grace });
    const { user } = await signIn(test, { person: ben });
    await test.auth.administration.disableUser(test.administrator, user.id);

    const { entries } = await test.auth.administration.listAuditEntries(
      test.administrator,
    );

    expect(
      entries.map(({ type, userName, actorName }) => [
        type,
        userName,
        actorName,
      ]),
    ).toEqual([
      ["session.ended", "Ben Okafor", null],
      ["user.disabled", "Ben Okafor", "Ada Lovelace"],
      ["flow.completed", "Ben Okafor", null],
      ["flow.completed", "Ada Lovelace", null],
    ]);
  });

  it("returns each entry once across the pages", async () => {
    const test = await open();
    for (let count = 0; count < 4; count += 1)
      await signIn(test, { person: ben });
    const ids: string[] = [];
    let before: string | undefined;

    do {
      const page = await test.auth.administration.listAuditEntries(
        test.administrator,
        { limit: 2, before },
      );
      ids.push(...page.entries.map(({ id }) => id));
      before = page.next ?? undefined;
    } while (before !== undefined);

    expect(ids).toHaveLength(5);
    expect(ids).toEqual(ids.toSorted().toReversed());
  });

  it.each<[string, TestAuthOptions, number]>([
    [
      "returns entries without a user to administrators of the operator",
      { operatorTenantId: testTenants.contoso },
      1,
    ],
    [
      "returns entries without a user to administrators of the only allowed organisation",
      { allowedTenants: [testTenants.contoso] },
      1,
    ],
    [
      "returns entries without a user to administrators of the authority's tenant",
      { client: { tenant: testTenants.contoso } },
      1,
    ],
    [
      "hides entries without a user from administrators of other organisations",
      { operatorTenantId: testTenants.fabrikam },
      0,
    ],
    [
      "hides entries without a user if several organisations may sign in and no operator is configured",
      {},
      0,
    ],
  ])("%s", async (_, options, expectedCount) => {
    const test = await open(options);
    const callback = await signInAtProvider(test, { person: ada });
    await test.auth
      .completeFlow({ ...callback, browserToken: undefined })
      .catch(() => undefined);

    const { entries } = await test.auth.administration.listAuditEntries(
      test.administrator,
    );

    expect(
      entries.filter(({ code }) => code === "browser_mismatch"),
    ).toHaveLength(expectedCount);
  });
});

/** Signs in an administrator and causes an entry without a user. */
async function openWithFailure(): Promise<
  TestAuth & { readonly administrator: CompletedFlow }
> {
  const test = await open();
  const callback = await signInAtProvider(test, { person: ada });
  await test.auth
    .completeFlow({ ...callback, browserToken: undefined })
    .catch(() => undefined);
  return test;
}

async function listCodes(
  { auth }: TestAuth,
  administrator: CompletedFlow,
): Promise<readonly unknown[]> {
  const { entries } = await auth.administration.listAuditEntries(administrator);
  return entries.map(({ code, type }) => code ?? type);
}

describe("the operator of an application whose tenant is a domain", () => {
  const issuer = `https://login.test/${testTenants.contoso}/v2.0`;
  const client = { tenant: "contoso.test" };

  it("is the tenant of the issuer in the provider's metadata", async () => {
    const { stores, administrator } = await openWithFailure();
    const test = createTestAuth({ stores, client });
    test.identityClient.identityProvider.changeMetadata({ issuer });

    expect(await listCodes(test, administrator)).toEqual([
      "browser_mismatch",
      "flow.completed",
    ]);
  });

  it("is the configured operator tenant, if there is one", async () => {
    const { stores, administrator } = await openWithFailure();
    const test = createTestAuth({
      stores,
      client,
      operatorTenantId: testTenants.fabrikam,
    });
    test.identityClient.identityProvider.changeMetadata({ issuer });

    expect(await listCodes(test, administrator)).toEqual(["flow.completed"]);
  });

  it("[U21] is undefined while the identity provider is unavailable", async () => {
    const { stores, administrator } = await openWithFailure();
    const test = createTestAuth({ stores, client });
    const { identityProvider } = test.identityClient;
    identityProvider.changeMetadata({ issuer });

    identityProvider.answerWith("metadata", () =>
      Response.json({}, { status: 503 }),
    );
    const during = await listCodes(test, administrator);
    identityProvider.answerWith("metadata", undefined);
    test.clock.advance(5);

    expect(during).toEqual(["flow.completed"]);
    expect(await listCodes(test, administrator)).toHaveLength(2);
  });
});

describe("a personal account with an administrator's role", () => {
  it("[U20] is refused by every method, because personal accounts share one tenant without being an organisation", async () => {
    const test = createTestAuth({ client: { tenant: "common" } });
    const administrator = await signIn(test, {
      person: { ...pia, claims: { roles: ["Admin"] } },
    });
    const stranger = await signIn(test, {
      person: { ...pia, objectId: "00000000-0000-0000-0000-0000000000aa" },
    });
    const { administration } = test.auth;
    const { id } = stranger.user;

    const results = await Promise.allSettled([
      administration.listUsers(administrator),
      administration.listAuditEntries(administrator),
      administration.disableUser(administrator, id),
      administration.enableUser(administrator, id),
      administration.deleteUser(administrator, id),
      administration.exportUser(administrator, id),
    ]);

    expect(results.map((result) => result.status)).toEqual(
      results.map(() => "rejected"),
    );
    for (const result of results)
      expect(result).toMatchObject({
        reason: { code: "tenant_required", userId: administrator.user.id },
      });
    await expect(
      test.auth.readSession(stranger.sessionToken),
    ).resolves.toBeDefined();
  });
});
