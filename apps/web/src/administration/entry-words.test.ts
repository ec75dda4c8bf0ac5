import type { AuditTrailEntry } from "@entrada/auth/react";
import { describe, expect, it } from "vitest";
import { wordEntry } from "./entry-words.js";

const entry: AuditTrailEntry = {
  id: "entry-1",
  type: "flow.completed",
  occurredAt: "2026-01-01T00:00:00.000Z",
  flowId: null,
  sessionId: null,
  userId: "user-ben",
  userName: "Ben",
  actorId: null,
  actorName: null,
  code: null,
  aadsts: null,
  reason: null,
};

describe("wordEntry", () => {
  it.each<[string, Partial<AuditTrailEntry>]>([
    ["Ben signed in", { type: "flow.completed" }],
    ["Ben signed out", { type: "session.ended", reason: "signed_out" }],
    [
      "Ben ended one of their sessions",
      { type: "session.ended", reason: "revoked" },
    ],
    [
      "A session of Ben ended because they were disabled",
      { type: "session.ended", reason: "user_disabled" },
    ],
    ["Ada disabled Ben", { type: "user.disabled", actorName: "Ada" }],
    ["An administrator enabled Ben", { type: "user.enabled" }],
    [
      "A sign-in failed",
      {
        type: "flow.failed",
        code: "flow_not_found",
        userId: null,
        userName: null,
      },
    ],
    [
      "A user without a name was refused a sign-in",
      { type: "flow.failed", code: "user_disabled", userName: " " },
    ],
  ])("says: %s", (sentence, fields) => {
    expect(wordEntry({ ...entry, ...fields }).sentence).toBe(sentence);
  });

  it("explains why a user was refused", () => {
    const words = wordEntry({
      ...entry,
      type: "flow.failed",
      code: "user_disabled",
    });

    expect(words.explanation).toBe("An administrator had disabled them.");
  });
});
