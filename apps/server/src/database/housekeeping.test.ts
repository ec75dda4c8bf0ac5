import type { Auth, DeletionResult } from "@entrada/auth";
import { AuthError } from "@entrada/auth";
import { describe, expect, it } from "vitest";
import { keepHouse } from "./housekeeping.js";
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

interface House {
  /** What happened, in its order. */
  readonly diary: readonly string[];
  readonly left: () => number;
  readonly stopping: AbortController;
  /** Keeps house until so many minutes have passed. */
  keep(minutes: number, changes?: Partial<Auth>): Promise<void>;
}

/** A house in which so many counts of rate limits have expired, and nothing else. */
function createHouse(expired: number): House {
  const diary: string[] = [];
  const stopping = new AbortController();
  let left = expired;
  const auth: HousekeepingParts["auth"] = {
    deleteExpired: async (limit = expired) => {
      const rateCounts = Math.min(left, limit);
      left -= rateCounts;
      diary.push(`deleted ${rateCounts}`);
      return { ...nothing, rateCounts };
    },
    releaseHousekeeping: async () => void diary.push("released"),
  };
  const write = (level: string) => (fields: unknown, event?: string) => {
    const isOfKind =
      typeof fields === "object" && fields !== null && "kind" in fields;
    diary.push(`${level} ${event}${isOfKind ? ` ${fields.kind}` : ""}`);
  };
  return {
    diary,
    left: () => left,
    stopping,
    keep: (minutes, changes = {}) => {
      let passed = 0;
      return keepHouse(
        {
          auth: { ...auth, ...changes },
          database: { settle: async () => void diary.push("settled") },
          log: { info: write("info"), warn: write("warn") },
          signal: stopping.signal,
        },
        async () => {
          diary.push("waited");
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

describe("keepHouse", () => {
  it("deletes nothing before the first minute has passed", async () => {
    const house = createHouse(10);

    await house.keep(0);

    expect(house.diary).toEqual(["waited", "released"]);
    expect(house.left()).toBe(10);
  });

  it("deletes batch after batch, and lets the database settle after each", async () => {
    const house = createHouse(60);

    await house.keep(1);

    expect(house.diary).toEqual([
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
    "leaves nothing of %d rows that have expired",
    async (count) => {
      const house = createHouse(count);

      await house.keep(1);

      expect(house.left()).toBe(0);
    },
  );

  it("says nothing where there was nothing to do", async () => {
    const house = createHouse(0);

    await house.keep(2);

    expect(house.diary.filter((line) => line.startsWith("info"))).toEqual([]);
  });

  it("goes on after a failure, of which a line in the log remains", async () => {
    const house = createHouse(10);
    let calls = 0;
    const failing = async (): Promise<DeletionResult> => {
      calls += 1;
      if (calls === 1) throw new AuthError("store_unavailable", "Down.");
      return nothing;
    };

    await house.keep(2, { deleteExpired: failing });

    expect(calls).toBe(2);
    expect(house.diary).toContain("warn housekeeping.failed");
  });

  it("deletes the other kinds to the end where one kind fails, and logs that kind once", async () => {
    const house = createHouse(0);
    const error = new AuthError("store_unavailable", "No such table.");
    const batches = [25, 25, 3];
    const deleteExpired = async (): Promise<DeletionResult> => ({
      ...nothing,
      sessions: batches.shift() ?? 0,
      failures: [{ kind: "flows", error }],
    });

    await house.keep(1, { deleteExpired });

    expect(batches).toEqual([]);
    expect(house.diary).toEqual([
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

  it("stops between two batches when the server stops, and leaves the rest to another", async () => {
    const house = createHouse(1000);
    const deleteExpired = async () => {
      house.stopping.abort();
      return { ...nothing, flows: 25 };
    };

    await house.keep(1, { deleteExpired });

    expect(house.diary).toEqual([
      "waited",
      "settled",
      "info housekeeping.done",
      "released",
    ]);
  });

  it("ends even if it cannot be left to another", async () => {
    const house = createHouse(0);

    await house.keep(0, { releaseHousekeeping: fail });

    expect(house.diary).toEqual(["waited", "warn housekeeping.failed"]);
  });
});
