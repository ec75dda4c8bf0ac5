import { EventEmitter, once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createMemoryStores } from "../testing/memory-stores.js";
import { createAuditTrail } from "./audit-trail.js";
import { AuthError } from "./error.js";
import type { AuthEvent } from "./event.js";
import type { FlowId, SessionId, TenantId, UserId } from "./identifiers.js";
import type { AuditRecord, AuditStore } from "./ports.js";

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
  const kept: AuditRecord[] = [];
  const failures: (readonly [unknown, AuditRecord])[] = [];
  const trail = createAuditTrail({
    auditStore: {
      ...createMemoryStores().auditStore,
      append: async (record) => {
        kept.push(record);
      },
      ...changes,
    },
    now,
    onFailure: (error, record) => failures.push([error, record]),
  });
  return { trail, kept, failures };
}

/** A promise that is kept on demand. */
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
      },
      { sessionId, userId, code: "interaction_required" },
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
    const { trail, kept } = open();

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
    expect(kept).toEqual([
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
  ])("leaves out %j, of which there are too many", async (event) => {
    const { trail, kept } = open();

    trail.record(event);
    await trail.settle();

    expect(kept).toEqual([]);
  });

  it("gives later entries greater IDs, even when the clock goes back", async () => {
    const instants = [5000, 5000, 5000, 4000, 9_999_999_999_999, 1];
    const { trail, kept } = open({}, () => new Date(instants.shift() ?? 0));

    for (let count = 0; count < 6; count += 1) trail.record(signedIn);
    await trail.settle();

    const ids = kept.map(({ id }) => id);
    expect(new Set(ids).size).toBe(6);
    expect(ids).toEqual(ids.toSorted());
  });

  it("begins an ID with the instant and the number within it, so that IDs of several servers sort", async () => {
    const instants = [5000, 5000, 5000, 6000];
    const { trail, kept } = open({}, () => new Date(instants.shift() ?? 0));

    for (let count = 0; count < 4; count += 1) trail.record(signedIn);
    await trail.settle();

    expect(kept.map(({ id }) => id.split(".")[0])).toEqual([
      "000000001388000000",
      "000000001388000001",
      "000000001388000002",
      "000000001770000000",
    ]);
  });

  it("gives two servers different IDs at the same moment", async () => {
    const [one, two] = [open(), open()];

    one.trail.record(signedIn);
    two.trail.record(signedIn);

    expect(one.kept[0]?.id).not.toBe(two.kept[0]?.id);
  });

  it("takes the time from the clock of the process by default", async () => {
    const { auditStore } = createMemoryStores();
    const kept: AuditRecord[] = [];
    const before = Date.now();
    const trail = createAuditTrail({
      auditStore: {
        ...auditStore,
        append: async (record) => {
          kept.push(record);
        },
      },
      onFailure: () => undefined,
    });

    trail.record(signedIn);

    const occurredAt = kept[0]?.occurredAt.getTime() ?? 0;
    expect(occurredAt).toBeGreaterThanOrEqual(before);
    expect(occurredAt).toBeLessThanOrEqual(Date.now());
  });

  it("hands on an entry that could not be kept, and never throws", async () => {
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

  it("waits in settle for everything that was recorded", async () => {
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

  it("lets a thousand entries wait for a store that does not answer, and hands on the others", async () => {
    const gate = createGate();
    let waiting = 0;
    const { trail, failures } = open({
      append: async () => {
        waiting += 1;
        await gate.opened;
      },
    });

    for (let count = 0; count < 1002; count += 1) trail.record(signedIn);
    gate.open();
    await trail.settle();

    expect(waiting).toBe(1000);
    expect(failures).toHaveLength(2);
    expect(failures[0]?.[0]).toMatchObject({ code: "store_unavailable" });
  });

  it("keeps again once the store has answered", async () => {
    const { trail, kept } = open();

    for (let count = 0; count < 1500; count += 1) {
      trail.record(signedIn);
      await trail.settle();
    }

    expect(kept).toHaveLength(1500);
  });

  it("is read under the organisation of the user", async () => {
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
