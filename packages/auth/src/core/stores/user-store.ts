import type { ObjectId, TenantId, UserId } from "../identifiers.js";
import type { AuditRecord } from "./audit-store.js";
import type { EndedSession } from "./session-store.js";
import type { User } from "./user.js";

/**
 * Stores users, one for each pair of tenant ID and object ID. `SessionStore.admit` creates and updates them. Clients share
 * a user's ID, name and user name; all other data is stored for each client. A user whom only other clients have admitted
 * is not found.
 */
export interface UserStore {
  /** Returns the user, or `undefined` if there is none. */
  find(id: UserId): Promise<User | undefined>;

  /** Returns the user with this tenant ID and object ID, or `undefined` if this client has never admitted them. */
  findByObjectId(
    tenantId: TenantId,
    objectId: ObjectId,
  ): Promise<User | undefined>;

  /**
   * Disables the user at this client and deletes their sessions there, in one transaction. Returns the deleted sessions, or
   * `undefined` if there is no such user in this organisation. If the user is already disabled, `disabledAt` does not
   * change.
   */
  disable(
    id: UserId,
    tenantId: TenantId,
    disabledAt: Date,
  ): Promise<readonly EndedSession[] | undefined>;

  /** Lets the user sign in again; returns whether there is such a user in this organisation. */
  enable(id: UserId, tenantId: TenantId): Promise<boolean>;

  /**
   * Deletes the user's data and sessions at this client in one transaction, and the user if no other client has data of
   * them. Adds the entry to the audit trail, under the user's organisation. Returns the deleted sessions, or `undefined`
   * if this client has no such user.
   */
  delete(
    id: UserId,
    entry: AuditRecord | undefined,
  ): Promise<readonly EndedSession[] | undefined>;

  /** Returns users of one organisation, ordered by name without regard to case. */
  list(query: UserQuery): Promise<readonly User[]>;
}

/** Which users of an organisation to list. */
export interface UserQuery {
  readonly tenantId: TenantId;
  /** Only users whose name or user name contains this string. The case of ASCII letters is ignored. */
  readonly search: string | undefined;
  /** Only users that come after this user: the last user of the previous page. */
  readonly after: UserId | undefined;
  readonly limit: number;
}
