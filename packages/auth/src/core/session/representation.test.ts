import { describe, expect, it } from "vitest";
import {
  brand,
  createAuditRecord,
  createProfile,
  createSession,
  later,
  now,
} from "../../testing/store-samples.js";
import type { AuditEntry } from "../stores/audit-store.js";
import {
  formatAuditEntry,
  formatManagedUser,
  formatOwnSession,
  formatSignedIn,
} from "./representation.js";
import type { User } from "../stores/user.js";

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

describe("formatSignedIn", () => {
  it("shows who is signed in and until when, and no secret, subject or key of ours", () => {
    const shown = formatSignedIn({
      user: createUser(),
      session: createSession(),
    });

    expect(shown).toStrictEqual({
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

  it("shows null where there is no user name and no verified address", () => {
    const { user } = formatSignedIn({
      user: createUser({ preferredUsername: undefined, email: undefined }),
      session: createSession(),
    });

    expect(user).toMatchObject({ preferredUsername: null, email: null });
  });
});

describe("formatOwnSession", () => {
  it("shows when and where the session was used, and no more of it than its own browser sees", () => {
    const shown = formatOwnSession(
      createSession({ lastSeenAt: later(120_000) }),
      createSession(),
    );

    expect(shown).toStrictEqual({
      id: "session-1",
      createdAt: "2026-03-01T09:00:00.123Z",
      idleExpiresAt: "2026-03-01T10:00:00.123Z",
      expiresAt: "2026-03-02T09:00:00.123Z",
      lastSeenAt: "2026-03-01T09:02:00.123Z",
      userAgent: "Mozilla/5.0 (X11; Linux x86_64)",
      isCurrent: true,
    });
  });

  it("tells another session from the one that asks", () => {
    const current = createSession({ id: brand("session-2") });

    const { isCurrent } = formatOwnSession(createSession(), current);

    expect(isCurrent).toBe(false);
  });

  it("shows null where the browser did not name itself", () => {
    const session = createSession({ userAgent: undefined });

    expect(formatOwnSession(session, session).userAgent).toBeNull();
  });
});

describe("formatManagedUser", () => {
  it("shows an administrator since when the user is disabled", () => {
    const user = createUser({ disabledAt: later(180_000) });

    expect(formatManagedUser(user)).toMatchObject({
      id: "user-ada",
      name: "Ada Lovelace",
      disabledAt: "2026-03-01T09:03:00.123Z",
    });
  });

  it("shows null for a user who may sign in", () => {
    expect(formatManagedUser(createUser()).disabledAt).toBeNull();
  });
});

describe("formatAuditEntry", () => {
  it("shows null for whatever an entry does not tell", () => {
    const entry: AuditEntry = {
      ...createAuditRecord({ userId: undefined, actorId: undefined }),
      userName: undefined,
      actorName: undefined,
    };

    expect(formatAuditEntry(entry)).toStrictEqual({
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

  it("shows everything that an entry tells", () => {
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

    expect(formatAuditEntry(entry)).toStrictEqual({
      ...entry,
      occurredAt: "2026-03-01T09:00:00.123Z",
    });
  });
});
