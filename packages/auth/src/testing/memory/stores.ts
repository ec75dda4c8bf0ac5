import { createStoreClient } from "../../core/stores/store-client.js";
import type { Stores } from "../../core/stores/stores.js";
import { createMemoryAuditStore } from "./audit-store.js";
import { createMemoryFlowStore } from "./flow-store.js";
import { createMemoryLeaseStore } from "./lease-store.js";
import { createMemoryRateLimitStore } from "./rate-limit-store.js";
import { createMemorySessionStore } from "./session-store.js";
import { createSharedTables, createTables } from "./tables.js";
import type { SharedTables } from "./tables.js";
import { createMemoryTokenCacheStore } from "./token-cache-store.js";
import { createMemoryUserStore } from "./user-store.js";

/**
 * Creates stores in memory, for tests. They pass the contract tests of all stores. Records are copied when they are stored
 * and when they are returned.
 */
export function createMemoryStores(): Stores {
  return createMemoryStoresOn(createSharedTables());
}

/** Creates memory stores on tables that the stores of several clients share. */
export function createMemoryStoresOn(
  shared: SharedTables,
  clientId?: string,
): Stores {
  const client = createStoreClient(clientId);
  const tables = createTables(shared, client);
  return {
    bindClient: client.bind,
    flowStore: createMemoryFlowStore(tables),
    userStore: createMemoryUserStore(tables),
    sessionStore: createMemorySessionStore(tables),
    tokenCacheStore: createMemoryTokenCacheStore(tables),
    auditStore: createMemoryAuditStore(tables),
    rateLimitStore: createMemoryRateLimitStore(tables),
    leaseStore: createMemoryLeaseStore(tables),
  };
}
