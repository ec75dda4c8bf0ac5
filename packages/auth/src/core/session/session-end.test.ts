import { describe, expect, it } from "vitest";
import { brand } from "../../testing/store-samples.js";
import { createTestCore } from "../../testing/test-auth.js";
import type { AuthEvent } from "../event.js";
import type { PartitionKey } from "../identifiers.js";
import type { EndedSession } from "../stores/session-store.js";
import { closeSessions } from "./session-end.js";

async function close(ended: readonly EndedSession[]): Promise<{
  readonly events: readonly AuthEvent[];
  readonly forgotten: readonly PartitionKey[];
}> {
  const { tokenCacheStore } = createTestCore();
  const events: AuthEvent[] = [];
  const forgotten: PartitionKey[] = [];
  const deleteUnused = async (partitionKey: PartitionKey) => {
    forgotten.push(partitionKey);
  };
  await closeSessions(
    { tokenCacheStore: { ...tokenCacheStore, deleteUnused } },
    (event) => events.push(event),
    ended,
    "revoked",
  );
  return { events, forgotten };
}

describe("closeSessions", () => {
  it("reports the end of each session with the reason", async () => {
    const { events } = await close([
      { id: brand("1"), userId: brand("ada"), partitionKey: undefined },
      { id: brand("2"), userId: brand("ben"), partitionKey: undefined },
    ]);

    expect(events).toEqual([
      {
        type: "session.ended",
        sessionId: "1",
        userId: "ada",
        reason: "revoked",
      },
      {
        type: "session.ended",
        sessionId: "2",
        userId: "ben",
        reason: "revoked",
      },
    ]);
  });

  it("deletes unused tokens once per account, and only of sessions with tokens", async () => {
    const { forgotten } = await close([
      { id: brand("1"), userId: brand("ada"), partitionKey: brand("ada.home") },
      { id: brand("2"), userId: brand("ada"), partitionKey: brand("ada.home") },
      { id: brand("3"), userId: brand("ben"), partitionKey: brand("ben.home") },
      { id: brand("4"), userId: brand("eve"), partitionKey: undefined },
    ]);

    expect(forgotten).toEqual(["ada.home", "ben.home"]);
  });
});
