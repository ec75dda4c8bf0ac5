import { describe, expect, it } from "vitest";
import {
  brand,
  createProfile,
  createSession,
  later,
  now,
} from "../../testing/store-samples.js";
import { createActiveSessions, formatOwnSession } from "./active-session.js";
import type { Auth } from "../auth.js";
import { createMemoryStores } from "../../testing/memory/stores.js";
import { testPeople } from "../../testing/provider/test-people.js";
import { signIn } from "../../testing/sign-in.js";
import { createTestAuth } from "../../testing/test-auth.js";
import type { TestAuth } from "../../testing/test-auth.js";
import type { CompletedFlow } from "../sign-in/complete-flow.js";
import type { User } from "../stores/user.js";
import type { ActiveSession } from "./active-session.js";

const { ada, ben } = testPeople;

function createUser(changes: Partial<User> = {}): User {
  return {
    id: brand("user-ada"),
    ...createProfile(),
    createdAt: now,
    lastSignInAt: later(60_000),
    disabledAt: undefined,
    ...changes,
  };
}

const format = createActiveSessions(
  { find: async () => undefined },
  () => now,
).format;

describe("an active session", () => {
  it("has the user and the session's times, and no secret, subject or partition key", () => {
    const active = format({ user: createUser(), session: createSession() });

    expect(active).toStrictEqual({
      user: {
        id: "user-ada",
        tenantId: "11111111-1111-4111-8111-111111111111",
        objectId: "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa",
        name: "Ada Lovelace",
        preferredUsername: "ada@contoso.test",
        email: "ada@contoso.test",
        roles: ["Admin", "Reader"],
        groups: ["99999999-9999-4999-8999-999999999999"],
        createdAt: "2026-03-01T09:00:00.123Z",
        lastSignInAt: "2026-03-01T09:01:00.123Z",
      },
      session: {
        id: "session-1",
        createdAt: "2026-03-01T09:00:00.123Z",
        idleExpiresAt: "2026-03-01T10:00:00.123Z",
        expiresAt: "2026-03-02T09:00:00.123Z",
      },
    });
  });

  it("has null for a missing user name and a missing verified e-mail address", () => {
    const { user } = format({
      user: createUser({ preferredUsername: undefined, email: undefined }),
      session: createSession(),
    });

    expect(user).toMatchObject({ preferredUsername: null, email: null });
  });
});

describe("formatOwnSession", () => {
  it("adds the session's last use and User-Agent", () => {
    const own = formatOwnSession(
      createSession({ lastSeenAt: later(120_000) }),
      createSession(),
    );

    expect(own).toStrictEqual({
      id: "session-1",
      createdAt: "2026-03-01T09:00:00.123Z",
      idleExpiresAt: "2026-03-01T10:00:00.123Z",
      expiresAt: "2026-03-02T09:00:00.123Z",
      lastSeenAt: "2026-03-01T09:02:00.123Z",
      userAgent: "Mozilla/5.0 (X11; Linux x86_64)",
      isCurrent: true,
    });
  });

  it("marks only the current session as current", () => {
    const current = createSession({ id: brand("session-2") });

    const { isCurrent } = formatOwnSession(createSession(), current);

    expect(isCurrent).toBe(false);
  });

  it("has null for a missing User-Agent", () => {
    const session = createSession({ userAgent: undefined });

    expect(formatOwnSession(session, session).userAgent).toBeNull();
  });
});

/** Creates an `Auth` that counts the reads of a session by its ID. */
function openCounting(): TestAuth & { readonly countReads: () => number } {
  const stores = createMemoryStores();
  const { sessionStore } = stores;
  let reads = 0;
  const find: typeof sessionStore.find = (id) => {
    reads += 1;
    return sessionStore.find(id);
  };
  const test = createTestAuth({
    stores: { ...stores, sessionStore: { ...sessionStore, find } },
  });
  return { ...test, countReads: () => reads };
}

const scopes = ["User.Read"];
const calls: readonly [
  string,
  (auth: Auth, active: ActiveSession) => Promise<unknown>,
][] = [
  ["requireFreshSignIn", (auth, active) => auth.requireFreshSignIn(active, 60)],
  ["listSessions", (auth, active) => auth.listSessions(active)],
  [
    "revokeSession",
    (auth, active) => auth.revokeSession(active, active.session.id),
  ],
  ["endAllSessions", (auth, active) => auth.endAllSessions(active)],
  [
    "acquireAccessToken",
    (auth, active) => auth.acquireAccessToken(active, { scopes }),
  ],
  [
    "listUsers",
    ({ administration }, active) => administration.listUsers(active),
  ],
  [
    "listAuditEntries",
    ({ administration }, active) => administration.listAuditEntries(active),
  ],
];
const copies: readonly [string, (active: ActiveSession) => ActiveSession][] = [
  ["returned by readSession", (active) => active],
  ["whose outer object was copied", ({ user, session }) => ({ user, session })],
];

describe.each(calls)("%s", (_, call) => {
  it.each(copies)(
    "does not read an active session %s again",
    async (_name, copy) => {
      const test = openCounting();
      const { sessionToken } = await signIn(test, { person: ada, scopes });
      const active = await test.auth.readSession(sessionToken);
      if (active === undefined) throw new Error("There is no session.");

      await call(test.auth, copy(active));

      expect(test.countReads()).toBe(1);
    },
  );

  it("finds the session of a copy from JSON in the store", async () => {
    const test = openCounting();
    const active = await signIn(test, { person: ada, scopes });

    await call(test.auth, JSON.parse(JSON.stringify(active)));

    expect(test.countReads()).toBe(1);
  });

  it.each<[string, (test: TestAuth, active: CompletedFlow) => unknown]>([
    [
      "has ended",
      ({ auth }, { sessionToken }) => auth.endSession(sessionToken),
    ],
    ["has expired", ({ clock }) => clock.advance(3600)],
    [
      "belongs to a disabled user",
      ({ stores, clock }, { user }) =>
        stores.userStore.disable(
          brand(user.id),
          brand(user.tenantId),
          clock.now(),
        ),
    ],
  ])(
    "throws not_signed_in for a copy of a session that %s",
    async (_name, end) => {
      const test = createTestAuth();
      const active = await signIn(test, { person: ada, scopes });
      await end(test, active);

      const calling = call(test.auth, JSON.parse(JSON.stringify(active)));

      await expect(calling).rejects.toMatchObject({ code: "not_signed_in" });
    },
  );

  it("throws not_signed_in for one user's session with another user", async () => {
    const test = createTestAuth();
    const { session } = await signIn(test, { person: ada, scopes });
    const { user } = await signIn(test, { person: ben, scopes });

    const callings = [
      { user, session },
      { user, session: { ...session } },
    ].map((active) => call(test.auth, active));

    for (const { reason } of await listRefusals(callings))
      expect(reason).toMatchObject({ code: "not_signed_in" });
    expect(await listRefusals(callings)).toHaveLength(2);
  });
});

async function listRefusals(
  callings: readonly Promise<unknown>[],
): Promise<readonly PromiseRejectedResult[]> {
  const results = await Promise.allSettled(callings);
  return results.filter((result) => result.status === "rejected");
}
