import type { AuditStore } from "./audit-store.js";
import type { FlowStore } from "./flow-store.js";
import type { LeaseStore } from "./lease-store.js";
import type { RateLimitStore } from "./rate-limit-store.js";
import type { SessionStore } from "./session-store.js";
import type { TokenCacheStore } from "./token-cache-store.js";
import type { NoColumns } from "./user-extension.js";
import type { UserStore } from "./user-store.js";

/**
 * All stores of an application, on one database. Several applications, each with its own client, may share the database:
 * each reads and writes only the flows, sessions, tokens, audit entries and user data of its client. The identities of
 * users, rate limits and leases are shared. `Columns` are the app's own columns of a user.
 */
export interface Stores<Columns = NoColumns> {
  /**
   * Binds the stores to the client whose rows they read and write. `createAuth` calls it.
   *
   * @throws {TypeError} if they are bound to another client.
   */
  bindClient(clientId: string): void;
  readonly flowStore: FlowStore;
  readonly userStore: UserStore;
  readonly sessionStore: SessionStore<Columns>;
  readonly tokenCacheStore: TokenCacheStore;
  readonly auditStore: AuditStore;
  readonly rateLimitStore: RateLimitStore;
  readonly leaseStore: LeaseStore;
}
