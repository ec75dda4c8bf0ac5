import type { AuditStore } from "./audit-store.js";
import type { FlowStore } from "./flow-store.js";
import type { LeaseStore } from "./lease-store.js";
import type { RateLimitStore } from "./rate-limit-store.js";
import type { SessionStore } from "./session-store.js";
import type { TokenCacheStore } from "./token-cache-store.js";
import type { UserStore } from "./user-store.js";

/**
 * All the stores of an application; made together, because they share one database. Several applications with clients of
 * their own may share that database: each reads and writes the flows, sessions, tokens and audit entries of its own client,
 * and what its client knows of a user. Who a user is, rate limits and leases are shared.
 */
export interface Stores {
  /**
   * Binds the stores to the client whose rows they read and write. `createAuth` calls it.
   *
   * @throws {TypeError} if they are bound to another client.
   */
  bindClient(clientId: string): void;
  readonly flowStore: FlowStore;
  readonly userStore: UserStore;
  readonly sessionStore: SessionStore;
  readonly tokenCacheStore: TokenCacheStore;
  readonly auditStore: AuditStore;
  readonly rateLimitStore: RateLimitStore;
  readonly leaseStore: LeaseStore;
}
