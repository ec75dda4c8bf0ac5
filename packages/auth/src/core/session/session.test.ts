import { describe, expect, it } from "vitest";
import { brand, createProfile } from "../../testing/store-samples.js";
import { createTestCore } from "../../testing/test-auth.js";
import type { TestCore } from "../../testing/test-auth.js";
import { AuthError } from "../error.js";
import type { Core } from "../core.js";
import { formatUser } from "./active-session.js";
import type { ActiveSession } from "./active-session.js";
import { createCurrentSession } from "./current-session.js";
import { startSession } from "./session.js";
import type { StartedSession } from "./session.js";

function readSession(
  core: Core,
  cookie: string | undefined,
): Promise<ActiveSession | undefined> {
  return createCurrentSession(core).readSession(cookie);
}

async function start(
  core: TestCore,
  changes: {
    readonly userAgent?: string;
    readonly sessionCookie?: string;
  } = {},
): Promise<StartedSession> {
  return startSession(core, {
    flowId: brand("flow-1"),
    profile: createProfile(),
    providerSessionId: undefined,
    logoutHint: undefined,
    partitionKey: undefined,
    userAgent: changes.userAgent,
    authenticatedAt: undefined,
    sessionCookie: changes.sessionCookie,
  });
}

/** Returns core that count the renewals. */
function countRenewals(core: TestCore): {
  readonly core: TestCore;
  readonly count: () => number;
} {
  let renewals = 0;
  const { sessionStore } = core;
  return {
    count: () => renewals,
    core: {
      ...core,
      sessionStore: {
        ...sessionStore,
        renew: async (...renewal) => {
          renewals += 1;
          await sessionStore.renew(...renewal);
        },
      },
    },
  };
}

/** Reads the session at this interval until it has ended. Returns how many seconds it lasted. */
async function stayBusy(
  core: TestCore,
  cookie: string,
  everySeconds: number,
): Promise<number> {
  const startedAt = core.now().getTime();
  let active: ActiveSession | undefined;
  do {
    core.clock.advance(everySeconds);
    active = await readSession(core, cookie);
  } while (active !== undefined);
  return (core.now().getTime() - startedAt) / 1000;
}

async function failToAnswer(): Promise<never> {
  throw new AuthError("store_unavailable", "The database does not answer.");
}

describe("startSession", () => {
  it("sets the idle and the absolute timeout from now", async () => {
    const core = createTestCore();

    const { session } = await start(core);

    expect(session).toMatchObject({
      createdAt: new Date("2026-03-01T09:00:00Z"),
      lastSeenAt: new Date("2026-03-01T09:00:00Z"),
      idleExpiresAt: new Date("2026-03-01T10:00:00Z"),
      expiresAt: new Date("2026-03-02T09:00:00Z"),
    });
  });

  it("never lets the idle timeout outlive the absolute one", async () => {
    const core = createTestCore({
      session: { idleTimeoutSeconds: 7200, absoluteTimeoutSeconds: 60 },
    });

    const { session } = await start(core);

    expect(session.idleExpiresAt).toEqual(session.expiresAt);
  });

  it("stores at most 256 characters of the user agent", async () => {
    const core = createTestCore();

    const { session } = await start(core, { userAgent: "x".repeat(10_000) });

    expect(session.userAgent).toHaveLength(256);
  });

  it("deletes the session that it replaces", async () => {
    const core = createTestCore();
    const old = await start(core);

    const { replaced } = await start(core, {
      sessionCookie: old.sessionToken,
    });

    expect(replaced?.id).toBe(old.session.id);
    await expect(readSession(core, old.sessionToken)).resolves.toBeUndefined();
  });

  it("does not delete a session whose ID is in the cookie without its secret", async () => {
    const core = createTestCore();
    const old = await start(core);

    await start(core, {
      sessionCookie: `${old.session.id}.${"A".repeat(43)}`,
    });

    await expect(readSession(core, old.sessionToken)).resolves.toBeDefined();
  });

  it("[S8] stores no value that is accepted as a session cookie", async () => {
    const core = createTestCore();
    const { session, sessionToken } = await start(core);

    const stored = JSON.stringify(await core.sessionStore.find(session.id));

    expect(stored).not.toContain(sessionToken.split(".")[1]);
    await expect(
      readSession(core, `${session.id}.${session.secretDigest}`),
    ).resolves.toBeUndefined();
  });
});

describe("readSession", () => {
  it("returns session and user for the session's token", async () => {
    const core = createTestCore();
    const { session, user, sessionToken } = await start(core);

    const active = await readSession(core, sessionToken);

    expect(active).toEqual({
      user: formatUser(user),
      session: {
        id: session.id,
        createdAt: "2026-03-01T09:00:00.000Z",
        idleExpiresAt: "2026-03-01T10:00:00.000Z",
        expiresAt: "2026-03-02T09:00:00.000Z",
      },
    });
  });

  it.each([undefined, "", "nonsense", "a.b", "__proto__", "constructor"])(
    "returns undefined for the cookie %j",
    async (cookie) => {
      await expect(
        readSession(createTestCore(), cookie),
      ).resolves.toBeUndefined();
    },
  );

  it("returns undefined for a token with an unknown digest", async () => {
    const core = createTestCore();
    const { session } = await start(core);
    const other = await start(core);
    const forged = `${session.id}.${other.sessionToken.split(".")[1] ?? ""}`;

    await expect(readSession(core, forged)).resolves.toBeUndefined();
  });

  it("returns undefined for a session ID that the server did not issue", async () => {
    const forged = `${"a".repeat(22)}.${"b".repeat(43)}`;

    await expect(
      readSession(createTestCore(), forged),
    ).resolves.toBeUndefined();
  });

  it("ends the session as soon as its idle timeout has passed", async () => {
    const core = createTestCore();
    const { sessionToken } = await start(core);
    const unused = {
      ...core,
      sessionStore: { ...core.sessionStore, renew: async () => undefined },
    };

    core.clock.advance(3599);
    const before = await readSession(unused, sessionToken);
    core.clock.advance(1);
    const after = await readSession(unused, sessionToken);

    expect(before).toBeDefined();
    expect(after).toBeUndefined();
  });

  it("returns undefined for an expired session after the clock is set back", async () => {
    const core = createTestCore();
    const { sessionToken } = await start(core);

    core.clock.advance(90_000);
    const late = await readSession(core, sessionToken);
    core.clock.advance(-4000);

    expect(late).toBeUndefined();
    await expect(readSession(core, sessionToken)).resolves.toBeUndefined();
  });

  it("extends the idle timeout while the session is in use", async () => {
    const core = createTestCore();
    const { sessionToken } = await start(core);

    core.clock.advance(3000);
    const renewed = await readSession(core, sessionToken);
    core.clock.advance(3000);

    expect(renewed?.session.idleExpiresAt).toBe("2026-03-01T10:50:00.000Z");
    await expect(readSession(core, sessionToken)).resolves.toBeDefined();
  });

  it("ends the session at its absolute timeout even if it is in use", async () => {
    const core = createTestCore();
    const { sessionToken } = await start(core);

    const seconds = await stayBusy(core, sessionToken, 600);

    expect(seconds).toBe(86_400);
  });

  it("ends the session at its absolute timeout even if its idle timeout is later", async () => {
    const core = createTestCore();
    const { session, sessionToken } = await start(core);
    const later = new Date("2026-03-09T09:00:00Z");
    await core.sessionStore.renew(session.id, later, later);

    core.clock.advance(86_400);

    await expect(readSession(core, sessionToken)).resolves.toBeUndefined();
  });

  it("renews the idle timeout at most once a minute", async () => {
    const { core, count } = countRenewals(createTestCore());
    const { sessionToken } = await start(core);

    for (let second = 0; second < 180; second += 1) {
      core.clock.advance(1);
      await readSession(core, sessionToken);
    }

    expect(count()).toBe(3);
  });

  it("renews a short idle timeout at most once per tenth of its length", async () => {
    const { core, count } = countRenewals(
      createTestCore({
        session: { idleTimeoutSeconds: 100, absoluteTimeoutSeconds: 3600 },
      }),
    );
    const { sessionToken } = await start(core);

    for (let second = 0; second < 100; second += 1) {
      core.clock.advance(1);
      await readSession(core, sessionToken);
    }

    expect(count()).toBe(10);
  });

  it("returns undefined as soon as the user is disabled", async () => {
    const core = createTestCore();
    const { user, sessionToken } = await start(core);

    await core.userStore.disable(user.id, user.tenantId, core.now());

    await expect(readSession(core, sessionToken)).resolves.toBeUndefined();
  });

  it("returns undefined for a disabled user even if the store still has the session", async () => {
    const core = createTestCore();
    const { sessionToken } = await start(core);
    const find: typeof core.sessionStore.find = async (id) => {
      const signedIn = await core.sessionStore.find(id);
      return (
        signedIn && {
          ...signedIn,
          user: { ...signedIn.user, disabledAt: core.now() },
        }
      );
    };

    const reading = readSession(
      { ...core, sessionStore: { ...core.sessionStore, find } },
      sessionToken,
    );

    await expect(reading).resolves.toBeUndefined();
  });

  it("[R12] throws store_unavailable, rather than returning undefined, if the store fails", async () => {
    const core = createTestCore();
    const { sessionToken } = await start(core);

    const reading = readSession(
      { ...core, sessionStore: { ...core.sessionStore, find: failToAnswer } },
      sessionToken,
    );

    await expect(reading).rejects.toMatchObject({ code: "store_unavailable" });
  });

  it("returns the session unchanged if the store cannot renew it", async () => {
    const core = createTestCore();
    const { session, sessionToken } = await start(core);
    core.clock.advance(1800);

    const active = await readSession(
      {
        ...core,
        sessionStore: { ...core.sessionStore, renew: failToAnswer },
      },
      sessionToken,
    );

    expect(active?.session.idleExpiresAt).toBe(
      session.idleExpiresAt.toISOString(),
    );
  });

  it.each([
    new TypeError("This is a mistake."),
    new AuthError("internal_error", "This is another."),
  ])("throws any other error of the renewal: %s", async (mistake) => {
    const core = createTestCore();
    const { sessionToken } = await start(core);
    core.clock.advance(1800);
    const renew = () => Promise.reject(mistake);

    const reading = readSession(
      { ...core, sessionStore: { ...core.sessionStore, renew } },
      sessionToken,
    );

    await expect(reading).rejects.toBe(mistake);
  });
});
