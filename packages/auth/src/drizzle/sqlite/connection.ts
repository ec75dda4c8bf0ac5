import { randomInt } from "node:crypto";
import { setTimeout } from "node:timers/promises";

import type { StoreClient } from "../../core/stores/store-client.js";
import { isBusy, toStoreError } from "./error.js";

/** Runs a query for the client of the stores and returns its result as a promise. */
export type RunQuery = <Value>(
  query: (clientId: string) => Value | Promise<Value>,
) => Promise<Value>;

// Short, to continue soon after the other process; random, so that waiting processes do not retry at the same time.
const pauseMilliseconds = { least: 20, most: 50 };

/**
 * Creates the function through which every store queries the database. A failure of the database becomes
 * `store_unavailable`; any other error, such as a violated constraint, is rethrown unchanged.
 *
 * While another process writes, the query is retried until the timeout. SQLite's own timeout would block the process;
 * between two attempts here, the process continues with other work.
 */
export function createQueryRunner(
  busyTimeoutMilliseconds: number,
  client: Pick<StoreClient, "id">,
): RunQuery {
  return async (query) => {
    const deadline = performance.now() + busyTimeoutMilliseconds;
    for (;;) {
      try {
        return await query(client.id);
      } catch (error) {
        if (!isBusy(error) || performance.now() >= deadline)
          throw toStoreError(error);
      }
      await pauseUntil(deadline);
    }
  };
}

function pauseUntil(deadline: number): Promise<void> {
  const { least, most } = pauseMilliseconds;
  const remaining = Math.ceil(deadline - performance.now());
  return setTimeout(Math.max(0, Math.min(randomInt(least, most), remaining)));
}
