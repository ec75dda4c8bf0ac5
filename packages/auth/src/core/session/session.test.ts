import { describe, expect, it } from "vitest";
import { createProfile } from "../../testing/store-samples.js";
import { createTestPorts } from "../../testing/test-auth.js";
import type { TestPorts } from "../../testing/test-auth.js";
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
  ports: TestPorts,
  changes: {
    readonly userAgent?: string;
    readonly sessionCookie?: string;
  } = {},
): Promise<StartedSession> {
  return startSession(ports, {
    profile: createProfile(),
    providerSessionId: undefined,
    logoutHint: undefined,
    partitionKey: undefined,
    userAgent: changes.userAgent,
    authenticatedAt: undefined,
    sessionCookie: changes.sessionCookie,
  });
}

/** Returns ports that count the renewals. */
function countRenewals(ports: TestPorts): {
  readonly ports: TestPorts;
  readonly count: () => number;
} {
  let renewals = 0;
  const { sessionStore } = ports;
  return {
    count: () => renewals,
    ports: {
      ...ports,
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
  ports: TestPorts,
  cookie: string,
  everySeconds: number,
): Promise<number> {
  const startedAt = ports.now().getTime();
  let active: ActiveSession | undefined;
  do {
    ports.clock.advance(everySeconds);
    active = await readSession(ports, cookie);
  } while (active !== undefined);
  return (ports.now().getTime() - startedAt) / 1000;
}

async function failToAnswer(): Promise<never> {
  throw new AuthError("store_unavailable", "The database does not answer.");
}

describe("startSession", () => {
  it("sets the idle and the absolute timeout from now", async () => {
    const ports = createTestPorts();

    const { session } = await start(ports);

    expect(session).toMatchObject({
      createdAt: new Date("2026-03-01T09:00:00Z"),
      lastSeenAt: new Date("2026-03-01T09:00:00Z"),
      idleExpiresAt: new Date("2026-03-01T10:00:00Z"),
      expiresAt: new Date("2026-03-02T09:00:00Z"),
    });
  });

  it("never lets the idle timeout outlive the absolute one", async () => {
    const ports = createTestPorts({
      session: { idleTimeoutSeconds: 7200, absoluteTimeoutSeconds: 60 },
    });

    const { session } = await start(ports);

    expect(session.idleExpiresAt).toEqual(session.expiresAt);
  });

  it("stores at most 256 characters of the user agent", async () => {
    const ports = createTestPorts();

    const { session } = await start(ports, { userAgent: "x".repeat(10_000) });

    expect(session.userAgent).toHaveLength(256);
  });

  it("deletes the session that it replaces", async () => {
    const ports = createTestPorts();
    const old = await start(ports);

    const { replaced } = await start(ports, {
      sessionCookie: old.sessionToken,
    });

    expect(replaced?.id).toBe(old.session.id);
    await expect(readSession(ports, old.sessionToken)).resolves.toBeUndefined();
  });

  it("does not delete a session whose ID is in the cookie without its secret", async () => {
    const ports = createTestPorts();
    const old = await start(ports);

    await start(ports, {
      sessionCookie: `${old.session.id}.${"A".repeat(43)}`,
    });

    await expect(readSession(ports, old.sessionToken)).resolves.toBeDefined();
  });

  it("[S8] stores no value that is accepted as a session cookie", async () => {
    const ports = createTestPorts();
    const { session, sessionToken } = await start(ports);

    const stored = JSON.stringify(await ports.sessionStore.find(session.id));

    expect(stored).not.toContain(sessionToken.split(".")[1]);
    await expect(
      readSession(ports, `${session.id}.${session.secretDigest}`),
    ).resolves.toBeUndefined();
  });
});

describe("readSession", () => {
  it("returns session and user for the session's token", async () => {
    const ports = createTestPorts();
    const { session, user, sessionToken } = await start(ports);

    const active = await readSession(ports, sessionToken);

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
        readSession(createTestPorts(), cookie),
      ).resolves.toBeUndefined();
    },
  );

  it("returns undefined for a token with an unknown digest", async () => {
    const ports = createTestPorts();
    const { session } = await start(ports);
    const other = await start(ports);
    const forged = `${session.id}.${other.sessionToken.split(".")[1] ?? ""}`;

    await expect(readSession(ports, forged)).resolves.toBeUndefined();
  });

  it("returns undefined for a session ID that the server did not issue", async () => {
    const forged = `${"a".repeat(22)}.${"b".repeat(43)}`;

    await expect(
      readSession(createTestPorts(), forged),
    ).resolves.toBeUndefined();
  });

  it("ends the session as soon as its idle timeout has passed", async () => {
    const ports = createTestPorts();
    const { sessionToken } = await start(ports);
    const unused = {
      ...ports,
      sessionStore: { ...ports.sessionStore, renew: async () => undefined },
    };

    ports.clock.advance(3599);
    const before = await readSession(unused, sessionToken);
    ports.clock.advance(1);
    const after = await readSession(unused, sessionToken);

    expect(before).toBeDefined();
    expect(after).toBeUndefined();
  });

  it("returns undefined for an expired session after the clock is set back", async () => {
    const ports = createTestPorts();
    const { sessionToken } = await start(ports);

    ports.clock.advance(90_000);
    const late = await readSession(ports, sessionToken);
    ports.clock.advance(-4000);

    expect(late).toBeUndefined();
    await expect(readSession(ports, sessionToken)).resolves.toBeUndefined();
  });

  it("extends the idle timeout while the session is in use", async () => {
    const ports = createTestPorts();
    const { sessionToken } = await start(ports);

    ports.clock.advance(3000);
    const renewed = await readSession(ports, sessionToken);
    ports.clock.advance(3000);

    expect(renewed?.session.idleExpiresAt).toBe("2026-03-01T10:50:00.000Z");
    await expect(readSession(ports, sessionToken)).resolves.toBeDefined();
  });

  it("ends the session at its absolute timeout even if it is in use", async () => {
    const ports = createTestPorts();
    const { sessionToken } = await start(ports);

    const seconds = await stayBusy(ports, sessionToken, 600);

    expect(seconds).toBe(86_400);
  });

  it("ends the session at its absolute timeout even if its idle timeout is later", async () => {
    const ports = createTestPorts();
    const { session, sessionToken } = await start(ports);
    const later = new Date("2026-03-09T09:00:00Z");
    await ports.sessionStore.renew(session.id, later, later);

    ports.clock.advance(86_400);

    await expect(readSession(ports, sessionToken)).resolves.toBeUndefined();
  });

  it("renews the idle timeout at most once a minute", async () => {
    const { ports, count } = countRenewals(createTestPorts());
    const { sessionToken } = await start(ports);

    for (let second = 0; second < 180; second += 1) {
      ports.clock.advance(1);
      await readSession(ports, sessionToken);
    }

    expect(count()).toBe(3);
  });

  it("renews a short idle timeout at most once per tenth of its length", async () => {
    const { ports, count } = countRenewals(
      createTestPorts({
        session: { idleTimeoutSeconds: 100, absoluteTimeoutSeconds: 3600 },
      }),
    );
    const { sessionToken } = await start(ports);

    for (let second = 0; second < 100; second += 1) {
      ports.clock.advance(1);
      await readSession(ports, sessionToken);
    }

    expect(count()).toBe(10);
  });

  it("returns undefined as soon as the user is disabled", async () => {
    const ports = createTestPorts();
    const { user, sessionToken } = await start(ports);

    await ports.userStore.disable(user.id, user.tenantId, ports.now());

    await expect(readSession(ports, sessionToken)).resolves.toBeUndefined();
  });

  it("returns undefined for a disabled user even if the store still has the session", async () => {
    const ports = createTestPorts();
    const { sessionToken } = await start(ports);
    const find: typeof ports.sessionStore.find = async (id) => {
      const signedIn = await ports.sessionStore.find(id);
      return (
        signedIn && {
          ...signedIn,
          user: { ...signedIn.user, disabledAt: ports.now() },
        }
      );
    };

    const reading = readSession(
      { ...ports, sessionStore: { ...ports.sessionStore, find } },
      sessionToken,
    );

    await expect(reading).resolves.toBeUndefined();
  });

  it("[R12] throws store_unavailable, rather than returning undefined, if the store fails", async () => {
    const ports = createTestPorts();
    const { sessionToken } = await start(ports);

    const reading = readSession(
      { ...ports, sessionStore: { ...ports.sessionStore, find: failToAnswer } },
      sessionToken,
    );

    await expect(reading).rejects.toMatchObject({ code: "store_unavailable" });
  });

  it("returns the session unchanged if the store cannot renew it", async () => {
    const ports = createTestPorts();
    const { session, sessionToken } = await start(ports);
    ports.clock.advance(1800);

    const active = await readSession(
      {
        ...ports,
        sessionStore: { ...ports.sessionStore, renew: failToAnswer },
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
    const ports = createTestPorts();
    const { sessionToken } = await start(ports);
    ports.clock.advance(1800);
    const renew = () => Promise.reject(mistake);

    const reading = readSession(
      { ...ports, sessionStore: { ...ports.sessionStore, renew } },
      sessionToken,
    );

    await expect(reading).rejects.toBe(mistake);
  });
});
