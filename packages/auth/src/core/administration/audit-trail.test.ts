import { EventEmitter, once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createMemoryStores } from "../../testing/memory/stores.js";
import { testPeople } from "../../testing/provider/test-people.js";
import { signIn } from "../../testing/sign-in.js";
import { createTestAuth } from "../../testing/test-auth.js";
import type { TestAuthOptions } from "../../testing/test-auth.js";
import { createAuditTrail } from "./audit-trail.js";
import { AuthError } from "../error.js";
import type { AuthErrorCode } from "../error.js";
import type { AuthEvent } from "../event.js";
import type { FlowId, SessionId, TenantId, UserId } from "../identifiers.js";
import type { AuditRecord, AuditStore } from "../stores/audit-store.js";

const { ada } = testPeople;
const [flowId, sessionId] = ["flow-1" as FlowId, "session-1" as SessionId];
const [userId, actorId] = ["user-ben" as UserId, "user-ada" as UserId];
const signedIn: AuthEvent = {
  type: "flow.completed",
  flowId,
  sessionId,
  userId,
  isNewUser: true,
};

function open(changes: Partial<AuditStore> = {}, now = () => new Date(0)) {
  const stored: AuditRecord[] = [];
  const failures: (readonly [unknown, AuditRecord])[] = [];
  const trail = createAuditTrail({
    auditStore: {
      ...createMemoryStores().auditStore,
      append: async (record) => {
        stored.push(record);
      },
      ...changes,
    },
    now,
    onFailure: (error, record) => failures.push([error, record]),
  });
  return { trail, stored, failures };
}

/** A promise that the test resolves. */
function createGate(): {
  readonly opened: Promise<void>;
  readonly open: () => void;
} {
  const gate = new EventEmitter();
  const opened = once(gate, "open").then(() => undefined);
  return { opened, open: () => gate.emit("open") };
}

describe("createAuditTrail", () => {
  it.each<[AuthEvent, Partial<AuditRecord>]>([
    [signedIn, { flowId, sessionId, userId }],
    [
      {
        type: "flow.failed",
        flowId,
        code: "user_disabled",
        aadsts: undefined,
        userId,
        flowWaited: true,
      },
      { flowId, code: "user_disabled", userId },
    ],
    [
      {
        type: "flow.failed",
        flowId: undefined,
        code: "authorization_denied",
        aadsts: "AADSTS65004",
        userId: undefined,
        flowWaited: true,
      },
      { code: "authorization_denied", aadsts: "AADSTS65004" },
    ],
    [
      { type: "session.ended", sessionId, userId, reason: "revoked" },
      { sessionId, userId, reason: "revoked" },
    ],
    [
      {
        type: "token.refused",
        sessionId,
        userId,
        code: "interaction_required",
        aadsts: "AADSTS50173",
      },
      {
        sessionId,
        userId,
        code: "interaction_required",
        aadsts: "AADSTS50173",
      },
    ],
    [
      { type: "user.disabled", userId, actorId },
      { userId, actorId },
    ],
    [
      { type: "user.enabled", userId, actorId },
      { userId, actorId },
    ],
  ])("keeps %j with all its names and codes", async (event, expected) => {
    const { trail, stored } = open();

    trail.record(event);
    await trail.settle();

    const nothing = {
      flowId: undefined,
      sessionId: undefined,
      userId: undefined,
      actorId: undefined,
      code: undefined,
      aadsts: undefined,
      reason: undefined,
    };
    expect(stored).toEqual([
      {
        ...nothing,
        ...expected,
        id: expect.any(String),
        type: event.type,
        occurredAt: new Date(0),
      },
    ]);
  });

  it.each<AuthEvent>([
    { type: "flow.initiated", flowId },
    { type: "token.acquired", sessionId, fromCache: true },
  ])("does not store %j, which is too frequent", async (event) => {
    const { trail, stored } = open();

    trail.record(event);
    await trail.settle();

    expect(stored).toEqual([]);
  });

  it.each<AuthErrorCode>([
    "flow_not_found",
    "invalid_request",
    "store_unavailable",
  ])(
    "does not store a failed callback that no flow waited for: %s",
    async (code) => {
      const { trail, stored } = open();

      trail.record({
        type: "flow.failed",
        flowId,
        code,
        aadsts: undefined,
        userId: undefined,
        flowWaited: false,
      });
      await trail.settle();

      expect(stored).toEqual([]);
    },
  );

  it("creates increasing IDs even if the clock goes back", async () => {
    const instants = [5000, 5000, 5000, 4000, 9_999_999_999_999, 1];
    const { trail, stored } = open({}, () => new Date(instants.shift() ?? 0));

    for (let count = 0; count < 6; count += 1) trail.record(signedIn);
    await trail.settle();

    const ids = stored.map(({ id }) => id);
    expect(new Set(ids).size).toBe(6);
    expect(ids).toEqual(ids.toSorted());
  });

  it("starts an ID with the time and a counter, so that IDs of several servers sort", async () => {
    const instants = [5000, 5000, 5000, 6000];
    const { trail, stored } = open({}, () => new Date(instants.shift() ?? 0));

    for (let count = 0; count < 4; count += 1) trail.record(signedIn);
    await trail.settle();

    expect(stored.map(({ id }) => id.split(".")[0])).toEqual([
      "000000001388000000",
      "000000001388000001",
      "000000001388000002",
      "000000001770000000",
    ]);
  });

  it("creates different IDs on two servers at the same time", async () => {
    const [one, two] = [open(), open()];

    one.trail.record(signedIn);
    two.trail.record(signedIn);
    await Promise.all([one.trail.settle(), two.trail.settle()]);

    expect(one.stored[0]?.id).not.toBe(two.stored[0]?.id);
  });

  it("uses the clock of the process by default", async () => {
    const { auditStore } = createMemoryStores();
    const stored: AuditRecord[] = [];
    const before = Date.now();
    const trail = createAuditTrail({
      auditStore: {
        ...auditStore,
        append: async (record) => {
          stored.push(record);
        },
      },
      onFailure: () => undefined,
    });

    trail.record(signedIn);
    await trail.settle();

    const occurredAt = stored[0]?.occurredAt.getTime() ?? 0;
    expect(occurredAt).toBeGreaterThanOrEqual(before);
    expect(occurredAt).toBeLessThanOrEqual(Date.now());
  });

  it("reports an entry that could not be stored, and does not throw", async () => {
    const failure = new AuthError("store_unavailable", "The disk is full.");
    const { trail, failures } = open({
      append: async () => {
        throw failure;
      },
    });

    trail.record(signedIn);
    await trail.settle();

    expect(failures).toEqual([
      [failure, expect.objectContaining({ type: "flow.completed" })],
    ]);
  });

  it("reports waiting entries as failures when the signal of settle aborts", async () => {
    const gate = createGate();
    const appended: AuditRecord[] = [];
    const { trail, failures } = open({
      append: async (record) => {
        appended.push(record);
        await gate.opened;
      },
    });
    for (const _ of [1, 2, 3]) trail.record(signedIn);
    const ending = new AbortController();
    const settled = trail.settle(ending.signal);
    await setImmediate();

    ending.abort();
    gate.open();
    await settled;

    expect(appended).toHaveLength(1);
    expect(failures.map(([error]) => error)).toEqual([
      ending.signal.reason,
      ending.signal.reason,
    ]);
  });

  it("waits in settle until all recorded events are stored", async () => {
    const gate = createGate();
    const written: string[] = [];
    const { trail } = open({
      append: async ({ id }) => {
        await gate.opened;
        await setImmediate();
        written.push(id);
      },
    });
    trail.record(signedIn);
    trail.record(signedIn);

    const settled = trail.settle();
    gate.open();
    await settled;

    expect(written).toHaveLength(2);
  });

  it.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("The log is full.");
      },
    ],
    ["rejects", async () => Promise.reject(new Error("The log is full."))],
  ])("continues if onFailure %s", async (_, fail) => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", note);
    const stored: AuditRecord[] = [];
    let isBroken = true;
    const trail = createAuditTrail({
      auditStore: {
        ...createMemoryStores().auditStore,
        append: async (record) => {
          if (isBroken) throw new Error("The disk is full.");
          stored.push(record);
        },
      },
      onFailure: fail,
    });

    trail.record(signedIn);
    // Node emits unhandledRejection before the next turn of the event loop.
    await setImmediate();
    isBroken = false;
    trail.record(signedIn);
    await trail.settle();

    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
    expect(stored).toHaveLength(1);
  });

  it("stores 1,500 events of one turn in order", async () => {
    const { trail, stored, failures } = open();
    const events = Array.from({ length: 1500 }, (_, index): AuthEvent => ({
      type: "session.ended",
      sessionId: `session-${index}` as SessionId,
      userId,
      reason: "signed_out_everywhere",
    }));

    for (const event of events) trail.record(event);
    await trail.settle();

    expect(failures).toEqual([]);
    expect(stored.map(({ sessionId }) => sessionId)).toEqual(
      events.map((_, index) => `session-${index}`),
    );
  });

  it("stores one entry at a time and each entry once", async () => {
    let [running, most] = [0, 0];
    const written: string[] = [];
    const { trail } = open({
      append: async ({ id }) => {
        running += 1;
        most = Math.max(most, running);
        await setImmediate();
        written.push(id);
        running -= 1;
      },
    });

    for (let count = 0; count < 3; count += 1) trail.record(signedIn);
    await trail.settle();

    expect(most).toBe(1);
    expect(written).toHaveLength(3);
    expect(written).toEqual(written.toSorted());
  });

  it("queues 10,000 entries while the store does not respond, and reports the others as failures", async () => {
    const gate = createGate();
    let written = 0;
    const { trail, failures } = open({
      append: async () => {
        await gate.opened;
        written += 1;
      },
    });

    for (let count = 0; count < 10_002; count += 1) trail.record(signedIn);
    gate.open();
    await trail.settle();

    expect(written).toBe(10_000);
    expect(failures).toHaveLength(2);
    expect(failures[0]?.[0]).toMatchObject({ code: "store_unavailable" });
  });

  it("stores entries again after the queue has been stored", async () => {
    const { trail, stored, failures } = open();

    for (let count = 0; count < 10_000; count += 1) trail.record(signedIn);
    await trail.settle();
    for (let count = 0; count < 10_000; count += 1) trail.record(signedIn);
    await trail.settle();

    expect(stored).toHaveLength(20_000);
    expect(failures).toEqual([]);
  });

  it("stores an entry of an unknown user without an organisation", async () => {
    const { auditStore } = createMemoryStores();
    const trail = createAuditTrail({ auditStore, onFailure: () => undefined });
    trail.record({ ...signedIn, userId: "unknown" as UserId });
    await trail.settle();

    const entries = await auditStore.list({
      tenantId: "c0a70500-1111-4c0a-8c0a-c0a70500c0a0" as TenantId,
      includesUnattributed: false,
      before: undefined,
      limit: 10,
    });

    expect(entries).toEqual([]);
  });
});

/** Creates a sign-in layer whose audit trail is in its stores, and a function that lists the types of the entries. */
function createAudited(options: TestAuthOptions = {}) {
  const stores = createMemoryStores();
  const auditTrail = createAuditTrail({
    auditStore: stores.auditStore,
    onFailure: (error) => {
      throw error;
    },
  });
  const test = createTestAuth({ ...options, stores, auditTrail });
  const list = async () => {
    await auditTrail.settle();
    const entries = await stores.auditStore.list({
      tenantId: ada.tenantId as TenantId,
      includesUnattributed: true,
      before: undefined,
      limit: 10,
    });
    return entries.toReversed().map(({ type, userId: id }) => [type, id]);
  };
  return { ...test, list };
}

describe("createAuth with an audit trail", () => {
  it("[A1] stores one entry for a sign-in and one for the session that it replaced, and reports both events", async () => {
    const test = createAudited();
    const { user, sessionToken } = await signIn(test, { person: ada });

    await signIn(test, { person: ada, sessionCookie: sessionToken });

    expect(await test.list()).toEqual([
      ["flow.completed", user.id],
      ["flow.completed", user.id],
      ["session.ended", user.id],
    ]);
    expect(test.events.map(({ type }) => type)).toEqual([
      "flow.initiated",
      "flow.completed",
      "flow.initiated",
      "flow.completed",
      "session.ended",
    ]);
  });

  it("[A2] stores the failure of onSignedIn after the entry of the session that it ended, and reports only the failure", async () => {
    const test = createAudited({
      onSignedIn: () => {
        throw new Error("The app's database is down.");
      },
    });

    await signIn(test, { person: ada }).catch(() => undefined);

    const [user] = await test.stores.userStore.list({
      tenantId: ada.tenantId as TenantId,
      search: undefined,
      after: undefined,
      limit: 1,
    });
    expect(await test.list()).toEqual([
      ["flow.completed", user?.id],
      ["flow.failed", user?.id],
    ]);
    expect(test.events.map(({ type }) => type)).toEqual([
      "flow.initiated",
      "flow.failed",
    ]);
  });
});
