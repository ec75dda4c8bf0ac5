import type {
  AuditListRequest,
  UserListRequest,
} from "./administration-request.js";
import { AuthError } from "../error.js";
import type { AuthEventListener } from "../event.js";
import type { AuditRecordId, TenantId, UserId } from "../identifiers.js";
import type { AuditEntry } from "../stores/audit-store.js";
import type { Ports } from "../ports.js";
import type { SessionWithUser } from "../stores/session-store.js";
import { closeSessions } from "../session/session-end.js";
import {
  consumerTenantId,
  isDomain,
  readIssuerTenant,
} from "../provider/tenant.js";
import type { User } from "../stores/user.js";

/**
 * What administrators do. Each sees and reaches the users of their own organisation only. Personal Microsoft accounts share
 * one tenant and no organisation: whatever roles they have, every method refuses them with `tenant_required`.
 */
export interface Administration {
  /** Returns users in the order of their names, and where the next page begins. */
  listUsers(
    administrator: SessionWithUser,
    request?: UserListRequest,
  ): Promise<UserPage>;

  /**
   * Disables the user and ends all their sessions at once; returns how many those were. They cannot sign in until they
   * are enabled.
   *
   * @throws {AuthError} `user_not_found` if the organisation has no such user; `invalid_request` if it is oneself.
   */
  disableUser(administrator: SessionWithUser, userId: string): Promise<number>;

  /**
   * Lets the user sign in again. Their old sessions stay ended.
   *
   * @throws {AuthError} `user_not_found` if the organisation has no such user.
   */
  enableUser(administrator: SessionWithUser, userId: string): Promise<void>;

  /** Returns entries of the audit trail, the newest first, and where the next page begins. */
  listAuditEntries(
    administrator: SessionWithUser,
    request?: AuditListRequest,
  ): Promise<AuditPage>;
}

/** A page of users. */
export interface UserPage {
  readonly users: readonly User[];
  /** Where the next page begins; `undefined` if there is none. */
  readonly next: string | undefined;
}

/** A page of the audit trail. */
export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  /** Where the next page begins; `undefined` if there is none. */
  readonly next: string | undefined;
}

export type AdministrationPorts = Pick<
  Ports,
  "identityClient" | "userStore" | "auditStore" | "tokenCacheStore" | "now"
>;

const defaultLimit = 50;

/**
 * Makes what administrators do.
 *
 * @param operatorTenantId The organisation that runs the application: its administrators also read what no user can be
 *   named for, such as a sign-in that was cancelled. If it is `undefined` and the tenant option is a domain, it
 *   is the tenant ID that the issuer of that domain names.
 */
export function createAdministration(
  ports: AdministrationPorts,
  report: AuthEventListener,
  operatorTenantId: string | undefined,
): Administration {
  return {
    listUsers: async (administrator, request = {}) => {
      const { tenantId } = requireOrganisation(administrator);
      const limit = request.limit ?? defaultLimit;
      const users = await ports.userStore.list({
        tenantId,
        search: request.search,
        after: request.after as UserId | undefined,
        limit: limit + 1,
      });
      return { users: users.slice(0, limit), next: findNext(users, limit) };
    },
    disableUser: async (administrator, userId) => {
      const { id: actorId, tenantId } = requireOrganisation(administrator);
      if (userId === actorId) throw disablesOneself();
      const id = userId as UserId;
      const ended = await ports.userStore.disable(id, tenantId, ports.now());
      if (ended === undefined) throw userNotFound(actorId);
      report({ type: "user.disabled", userId: id, actorId });
      await closeSessions(ports, report, ended, "user_disabled");
      return ended.length;
    },
    enableUser: async (administrator, userId) => {
      const { id: actorId, tenantId } = requireOrganisation(administrator);
      const id = userId as UserId;
      if (!(await ports.userStore.enable(id, tenantId)))
        throw userNotFound(actorId);
      report({ type: "user.enabled", userId: id, actorId });
    },
    listAuditEntries: async (administrator, request = {}) => {
      const { tenantId } = requireOrganisation(administrator);
      const limit = request.limit ?? defaultLimit;
      const entries = await ports.auditStore.list({
        tenantId,
        includesUnattributed:
          tenantId === (operatorTenantId ?? (await readDomainTenant(ports))),
        before: request.before as AuditRecordId | undefined,
        limit: limit + 1,
      });
      return {
        entries: entries.slice(0, limit),
        next: findNext(entries, limit),
      };
    },
  };
}

/** @throws {AuthError} `tenant_required` for a personal account. */
function requireOrganisation({ user }: SessionWithUser): User {
  if (user.tenantId !== consumerTenantId) return user;
  throw new AuthError(
    "tenant_required",
    "A personal account belongs to no organisation, so it administers none. Sign in with a work or school account.",
    { userId: user.id },
  );
}

/** Returns the tenant ID of the domain that alone may sign in. Unknown while the provider cannot be read. */
async function readDomainTenant({
  identityClient: { identityProvider },
}: AdministrationPorts): Promise<TenantId | undefined> {
  if (!isDomain(identityProvider.tenant)) return undefined;
  try {
    const { issuer } = await identityProvider.readMetadata();
    return readIssuerTenant(issuer);
  } catch {
    return undefined;
  }
}

/** Of a page that was read with one more than fits: the last ID that fits, if there is one more. */
function findNext(
  rows: readonly { readonly id: string }[],
  limit: number,
): string | undefined {
  return rows.length > limit ? rows[limit - 1]?.id : undefined;
}

function userNotFound(actorId: UserId): AuthError {
  return new AuthError(
    "user_not_found",
    "Your organisation has no user with this ID.",
    { userId: actorId },
  );
}

function disablesOneself(): AuthError {
  return new AuthError(
    "invalid_request",
    "Administrators cannot disable themselves. Ask another one.",
  );
}
