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
 * Creates stores that keep everything in memory and forget it with the process. For tests; they keep every promise of
 * the ports. What goes in and what comes out are copies.
 */
export function createMemoryStores(): Stores {
  return createMemoryStoresOn(createSharedTables());
}

/** As `createMemoryStores`, on tables that the stores of other clients work on as well. */
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
