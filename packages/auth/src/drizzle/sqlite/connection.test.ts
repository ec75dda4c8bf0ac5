import { SqliteError } from "better-sqlite3";
import { describe, expect, it } from "vitest";

import { createStoreClient } from "../../core/stores/store-client.js";
import { createQueryRunner } from "./connection.js";

/** Returns a query that fails with the code only at its first attempt. */
function createFailingQuery(code: string): {
  readonly run: () => string;
  readonly count: () => number;
} {
  let attempts = 0;
  return {
    count: () => attempts,
    run: () => {
      attempts += 1;
      if (attempts === 1) throw new SqliteError("It fails once.", code);
      return "returned";
    },
  };
}

const client = createStoreClient();

describe("createQueryRunner", () => {
  it.each(["SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT", "SQLITE_BUSY_RECOVERY"])(
    "tries again after %s",
    async (code) => {
      const query = createFailingQuery(code);

      await expect(createQueryRunner(1000, client)(query.run)).resolves.toBe(
        "returned",
      );
    },
  );

  it.each(["SQLITE_CORRUPT", "SQLITE_LOCKED", "SQLITE_CONSTRAINT_UNIQUE"])(
    "does not try again after %s",
    async (code) => {
      const query = createFailingQuery(code);

      await createQueryRunner(1000, client)(query.run).catch(() => undefined);

      expect(query.count()).toBe(1);
    },
  );
});
