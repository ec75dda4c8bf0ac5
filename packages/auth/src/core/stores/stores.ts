import type { AuditStore } from "./audit-store.js";
import type { FlowStore } from "./flow-store.js";
import type { LeaseStore } from "./lease-store.js";
import type { RateLimitStore } from "./rate-limit-store.js";
import type { SessionStore } from "./session-store.js";
import type { TokenCacheStore } from "./token-cache-store.js";
import type { UserStore } from "./user-store.js";

/** All the stores of an application; made together, because they share one database. */
export interface Stores {
  readonly flowStore: FlowStore;
  readonly userStore: UserStore;
  readonly sessionStore: SessionStore;
  readonly tokenCacheStore: TokenCacheStore;
  readonly auditStore: AuditStore;
  readonly rateLimitStore: RateLimitStore;
  readonly leaseStore: LeaseStore;
}
