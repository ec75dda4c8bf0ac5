import type { Stores } from "../core/ports.js";
import { createMemoryAuditStore } from "./memory-audit-store.js";
import { createMemoryFlowStore } from "./memory-flow-store.js";
import { createMemoryLeaseStore } from "./memory-lease-store.js";
import { createMemoryRateLimitStore } from "./memory-rate-limit-store.js";
import { createMemorySessionStore } from "./memory-session-store.js";
import type { Tables } from "./memory-tables.js";
import { createMemoryTokenCacheStore } from "./memory-token-cache-store.js";
import { createMemoryUserStore } from "./memory-user-store.js";

/**
 * Creates stores that keep everything in memory and forget it with the process. For tests; they keep every promise of
 * the ports. What goes in and what comes out are copies.
 */
export function createMemoryStores(): Stores {
  const tables: Tables = {
    flows: new Map(),
    users: new Map(),
    sessions: new Map(),
    partitions: new Map(),
    auditRows: new Map(),
    rateCounts: new Map(),
    leases: new Map(),
  };
  return {
    flowStore: createMemoryFlowStore(tables),
    userStore: createMemoryUserStore(tables),
    sessionStore: createMemorySessionStore(tables),
    tokenCacheStore: createMemoryTokenCacheStore(tables),
    auditStore: createMemoryAuditStore(tables),
    rateLimitStore: createMemoryRateLimitStore(tables),
    leaseStore: createMemoryLeaseStore(tables),
  };
}
