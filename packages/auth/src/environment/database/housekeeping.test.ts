import { describe, expect, it } from "vitest";
import type { DeletionResult } from "../../core/administration/delete-expired.js";
import type { Auth } from "../../core/auth.js";
import { AuthError } from "../../core/error.js";
import { deleteExpiredRegularly } from "./housekeeping.js";
import type { HousekeepingParts } from "./housekeeping.js";

const nothing: DeletionResult = {
  flows: 0,
  sessions: 0,
  tokenCaches: 0,
  rateCounts: 0,
  auditEntries: 0,
  leases: 0,
  failures: [],
};

interface Scene {
  /** The calls in order. */
  readonly calls: readonly string[];
  readonly left: () => number;
  readonly stopping: AbortController;
  /** Runs the housekeeping for this many minutes. */
  run(minutes: number, changes?: Partial<Auth>): Promise<void>;
}

/** Creates stores with this many expired rate-limit counts. */
function createScene(expired: number): Scene {
  const calls: string[] = [];
  const stopping = new AbortController();
  let left = expired;
  const auth: HousekeepingParts["auth"] = {
    deleteExpired: async (limit = expired) => {
      const rateCounts = Math.min(left, limit);
      left -= rateCounts;
      calls.push(`deleted ${rateCounts}`);
      return { ...nothing, rateCounts };
    },
    releaseHousekeeping: async () => void calls.push("released"),
  };
  const write = (level: string) => (fields: unknown, event?: string) => {
    const isOfKind =
      typeof fields === "object" && fields !== null && "kind" in fields;
    calls.push(`${level} ${event}${isOfKind ? ` ${fields.kind}` : ""}`);
  };
  return {
    calls,
    left: () => left,
    stopping,
    run: (minutes, changes = {}) => {
      let passed = 0;
      return deleteExpiredRegularly(
        {
          auth: { ...auth, ...changes },
          database: { settle: async () => void calls.push("settled") },
          logger: { info: write("info"), warn: write("warn") },
          signal: stopping.signal,
        },
        async () => {
          calls.push("waited");
          passed += 1;
          if (passed > minutes) stopping.abort();
        },
      );
    },
  };
}

async function fail(): Promise<never> {
  throw new AuthError("store_unavailable", "Down.");
}

describe("deleteExpiredRegularly", () => {
  it("deletes nothing before the first minute has passed", async () => {
    const scene = createScene(10);

    await scene.run(0);

    expect(scene.calls).toEqual(["waited", "released"]);
    expect(scene.left()).toBe(10);
  });

  it("deletes in batches, and waits for the database to settle after each", async () => {
    const scene = createScene(60);

    await scene.run(1);

    expect(scene.calls).toEqual([
      "waited",
      "deleted 25",
      "settled",
      "deleted 25",
      "settled",
      "deleted 10",
      "settled",
      "info housekeeping.done",
      "waited",
      "released",
    ]);
  });

  it.each([0, 1, 24, 25, 26, 1000])(
    "deletes all of %d expired rows",
    async (count) => {
      const scene = createScene(count);

      await scene.run(1);

      expect(scene.left()).toBe(0);
    },
  );

  it("logs nothing if nothing has expired", async () => {
    const scene = createScene(0);

    await scene.run(2);

    expect(scene.calls.filter((line) => line.startsWith("info"))).toEqual([]);
  });

  it("logs a failure and continues", async () => {
    const scene = createScene(10);
    let calls = 0;
    const failing = async (): Promise<DeletionResult> => {
      calls += 1;
      if (calls === 1) throw new AuthError("store_unavailable", "Down.");
      return nothing;
    };

    await scene.run(2, { deleteExpired: failing });

    expect(calls).toBe(2);
    expect(scene.calls).toContain("warn housekeeping.failed");
  });

  it("deletes all other kinds if one kind fails, and logs that failure once", async () => {
    const scene = createScene(0);
    const error = new AuthError("store_unavailable", "No such table.");
    const batches = [25, 25, 3];
    const deleteExpired = async (): Promise<DeletionResult> => ({
      ...nothing,
      sessions: batches.shift() ?? 0,
      failures: [{ kind: "flows", error }],
    });

    await scene.run(1, { deleteExpired });

    expect(batches).toEqual([]);
    expect(scene.calls).toEqual([
      "waited",
      "settled",
      "settled",
      "settled",
      "warn housekeeping.failed flows",
      "info housekeeping.done",
      "waited",
      "released",
    ]);
  });

  it("stops between two batches when the signal is aborted", async () => {
    const scene = createScene(1000);
    const deleteExpired = async () => {
      scene.stopping.abort();
      return { ...nothing, flows: 25 };
    };

    await scene.run(1, { deleteExpired });

    expect(scene.calls).toEqual([
      "waited",
      "settled",
      "info housekeeping.done",
      "released",
    ]);
  });

  it("ends even if its lease cannot be released", async () => {
    const scene = createScene(0);

    await scene.run(0, { releaseHousekeeping: fail });

    expect(scene.calls).toEqual(["waited", "warn housekeeping.failed"]);
  });
});
