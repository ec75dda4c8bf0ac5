import { builtInPeople } from "@entrada/entra-emulator";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { countRows, withDatabase } from "../support/database-file.js";
import { createServerClock } from "../support/server-clock.js";
import type { ServerClock } from "../support/server-clock.js";
import { startServerGroup } from "../support/server-group.js";
import type { ServerGroup } from "../support/server-group.js";

const { ada, ben } = builtInPeople;
/** Longer than every timeout and the permitted clock difference of five minutes. */
const daySeconds = 2 * 86_400;
const idleSeconds = 60;
/** Longer than the idle timeout and the clock difference, and shorter than the lease of a server that was killed. */
const shortSeconds = 400;
const patience = { timeout: 20_000, interval: 20 };

let clock: ServerClock;
let group: ServerGroup;

beforeEach(async () => {
  clock = createServerClock();
  group = await startServerGroup(2, {
    ...clock.environment,
    MINUTE_MILLISECONDS: "50",
    SESSION_IDLE_SECONDS: String(idleSeconds),
  });
});

afterEach(async () => {
  await group?.stop();
  clock.remove();
});

function advance(seconds: number): void {
  clock.advance(seconds);
  group.emulator.control.advanceClock(seconds);
}

/** Creates a flow that is not completed and a session that is not ended. */
async function createRows(upn: string): Promise<void> {
  await group.createVisitor().reachCallback(upn);
  await group.createVisitor().signIn(upn, { scopes: ["User.Read"] });
}

/** Returns the log lines of this event, for each server. */
function readEvents(event: string): readonly Record<string, unknown>[][] {
  return group.servers.map((server) =>
    server
      .output()
      .split("\n")
      .filter((line) => line.includes(`"msg":"${event}"`))
      .map((line) => JSON.parse(line)),
  );
}

async function waitUntilEmpty(): Promise<void> {
  await vi.waitFor(() => {
    const { flow, session, token_cache } = countRows(group.databasePath);
    expect({ flow, session, token_cache }).toEqual({
      flow: 0,
      session: 0,
      token_cache: 0,
    });
  }, patience);
}

/** Waits until a server has logged that it deleted rows, and returns its index. */
async function waitForHolder(): Promise<number> {
  return vi.waitFor(() => {
    const index = readEvents("housekeeping.done").findIndex(
      (lines) => lines.length > 0,
    );
    expect(index).not.toBe(-1);
    return index;
  }, patience);
}

describe("servers that delete expired rows", { timeout: 60_000 }, () => {
  it("delete them, and report each ended session once", async () => {
    await createRows(ada.upn);
    await createRows(ben.upn);
    const before = countRows(group.databasePath);

    advance(daySeconds);
    await waitUntilEmpty();

    expect(before).toMatchObject({ flow: 2, session: 2 });
    await vi.waitFor(() => {
      expect(readEvents("session.ended").flat()).toHaveLength(2);
      expect(readEvents("housekeeping.done").flat()).not.toHaveLength(0);
    }, patience);
    expect(
      readEvents("session.ended")
        .flat()
        .map(({ reason }) => reason),
    ).toEqual(["expired", "expired"]);
    expect(countRows(group.databasePath).user).toBe(2);
  });

  it("delete rows of the other tables if one is missing, and log which one failed", async () => {
    await createRows(ada.upn);
    withDatabase(group.databasePath, (database) =>
      database.exec("DROP TABLE auth_flow"),
    );

    advance(daySeconds);

    await vi.waitFor(() => {
      const left = withDatabase(group.databasePath, (database) =>
        database
          .prepare<[], number>(
            "SELECT (SELECT count(*) FROM auth_session) + (SELECT count(*) FROM auth_token_cache)",
          )
          .pluck()
          .get(),
      );
      expect(left).toBe(0);
      expect(readEvents("housekeeping.failed").flat()).toContainEqual(
        expect.objectContaining({
          level: 40,
          kind: "flows",
          error: expect.objectContaining({ code: "store_unavailable" }),
        }),
      );
      expect(readEvents("session.ended").flat()).toHaveLength(1);
    }, patience);
  });

  it("do so one at a time, and another server takes over when that one was killed or stopped", async () => {
    await createRows(ada.upn);
    advance(daySeconds);
    await waitUntilEmpty();
    const holder = await waitForHolder();
    const other = 1 - holder;
    expect(readEvents("housekeeping.done")[other]).toEqual([]);

    await group.servers[holder]?.stop("SIGKILL");
    await group.restart(holder);
    await createRows(ada.upn);
    advance(daySeconds);
    await waitUntilEmpty();
    const next = await waitForHolder();

    // A server that stops releases the lease, so the other does not wait for its expiry.
    await group.servers[next]?.stop();
    const left = 1 - next;
    const visitor = group.createVisitor(left);
    await visitor.signIn(ada.upn);
    const endings = readEvents("session.ended")[left]?.length ?? 0;
    advance(shortSeconds);
    await vi.waitFor(
      () => expect(countRows(group.databasePath).session).toBe(0),
      patience,
    );
    await vi.waitFor(
      () => expect(readEvents("session.ended")[left]).toHaveLength(endings + 1),
      patience,
    );
  });
});
