import type { Auth } from "@entrada/auth";
import { describe, expect, it } from "vitest";
import { deleteAllExpired } from "./housekeeping.js";

interface ExpiringRows extends Pick<Auth, "deleteExpired"> {
  readonly left: () => number;
}

/** What has expired counts of rate limits, and nothing else. */
function createExpiringRows(count: number): ExpiringRows {
  let left = count;
  return {
    left: () => left,
    deleteExpired: async (limit = count) => {
      const rateCounts = Math.min(left, limit);
      left -= rateCounts;
      return { flows: 0, sessions: 0, tokenCaches: 0, rateCounts };
    },
  };
}

describe("deleteAllExpired", () => {
  it.each([0, 1, 99, 100, 101, 2000])(
    "leaves nothing of %d rows that have expired",
    async (count) => {
      const rows = createExpiringRows(count);

      await deleteAllExpired(rows, () => false);

      expect(rows.left()).toBe(0);
    },
  );

  it("lets other work go on between two batches", async () => {
    const rows = createExpiringRows(2000);

    const deleting = deleteAllExpired(rows, () => false);
    await new Promise((resolve) => setImmediate(resolve));
    const leftForOthers = rows.left();
    await deleting;

    expect(leftForOthers).toBeGreaterThan(0);
  });

  it("stops between two batches when the server stops", async () => {
    const rows = createExpiringRows(2000);

    await deleteAllExpired(rows, () => rows.left() <= 1000);

    expect(rows.left()).toBe(1000);
  });
});
