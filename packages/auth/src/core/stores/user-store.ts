import type { ObjectId, TenantId, UserId } from "../identifiers.js";
import type { EndedSession } from "./session-store.js";
import type { User } from "./user.js";

/**
 * Keeps users, one for each pair of tenant ID and object ID. `SessionStore.admit` creates and refreshes them. Clients share
 * ID, name and user name of a user; everything else, each has of its own. A user whom only other clients have admitted
 * does not exist here.
 */
export interface UserStore {
  /** Returns the user, or `undefined` if there is none. */
  find(id: UserId): Promise<User | undefined>;

  /** Returns the user with this tenant ID and object ID, or `undefined` if no sign-in of theirs was admitted. */
  findByObjectId(
    tenantId: TenantId,
    objectId: ObjectId,
  ): Promise<User | undefined>;

  /**
   * Disables the user at this client and deletes their sessions there, in one transaction: enabled again, they sign in
   * again. Returns the sessions that ended, or `undefined` if there is no such user in this organisation. If the user is
   * disabled already, `disabledAt` stays as it is.
   */
  disable(
    id: UserId,
    tenantId: TenantId,
    disabledAt: Date,
  ): Promise<readonly EndedSession[] | undefined>;

  /** Lets the user sign in again; returns whether there is such a user in this organisation. */
  enable(id: UserId, tenantId: TenantId): Promise<boolean>;

  /** Returns users of one organisation in the order of their names, letter case aside. */
  list(query: UserQuery): Promise<readonly User[]>;
}

/** Which users of an organisation to list. */
export interface UserQuery {
  readonly tenantId: TenantId;
  /** Only those whose name or user name contains this text, case of ASCII letters aside. */
  readonly search: string | undefined;
  /** Only those that come after this user: the last one of the page before. */
  readonly after: UserId | undefined;
  readonly limit: number;
}
