import { describe, expect, it } from "vitest";
import {
  brand,
  createAuditRecord,
  createProfile,
  later,
  now,
} from "../../testing/store-samples.js";
import type { AuditEntry } from "../stores/audit-store.js";
import type { User } from "../stores/user.js";
import { formatAuditPage, formatUserPage } from "./administration-page.js";

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

describe("formatUserPage", () => {
  it("returns disabledAt of a disabled user and null for an enabled user", () => {
    const users = [createUser({ disabledAt: later(180_000) }), createUser()];

    expect(formatUserPage(users, 2)).toMatchObject({
      users: [
        { name: "Ada Lovelace", disabledAt: "2026-03-01T09:03:00.123Z" },
        { name: "Ada Lovelace", disabledAt: null },
      ],
      next: null,
    });
  });
});

describe("formatAuditPage", () => {
  it("returns null for each missing value", () => {
    const entry: AuditEntry = {
      ...createAuditRecord({ userId: undefined, actorId: undefined }),
      userName: undefined,
      actorName: undefined,
    };

    expect(formatAuditPage([entry], 1).entries[0]).toStrictEqual({
      id: "audit-1",
      type: "user.disabled",
      occurredAt: "2026-03-01T09:00:00.123Z",
      flowId: null,
      sessionId: null,
      userId: null,
      userName: null,
      actorId: null,
      actorName: null,
      code: null,
      aadsts: null,
      reason: null,
    });
  });

  it("returns all values of an entry", () => {
    const entry: AuditEntry = {
      ...createAuditRecord({
        type: "flow.failed",
        flowId: brand("flow-1"),
        sessionId: brand("session-1"),
        code: "authorization_denied",
        aadsts: "AADSTS65004",
        reason: "revoked",
      }),
      userName: "Ada Lovelace",
      actorName: "Bob Martin",
    };

    expect(formatAuditPage([entry], 1).entries[0]).toStrictEqual({
      ...entry,
      occurredAt: "2026-03-01T09:00:00.123Z",
    });
  });
});
