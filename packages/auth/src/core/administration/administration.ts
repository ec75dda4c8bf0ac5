import type { Core } from "../core.js";
import { AuthError } from "../error.js";
import type { AuditRecordId, UserId } from "../identifiers.js";
import {
  consumerTenantId,
  isDomain,
  readIssuerTenant,
} from "../provider/tenant.js";
import type { ActiveSession } from "../session/active-session.js";
import { closeSessions } from "../session/session-end.js";
import type { User } from "../stores/user.js";
import { formatAuditPage, formatUserPage } from "./administration-page.js";
import type { AuditPage, UserPage } from "./administration-page.js";
import type { UserExport } from "./user-export.js";
import { deleteUser, exportUser } from "./users.js";
import type {
  AuditListRequest,
  UserListRequest,
} from "./administration-request.js";

/**
 * The methods for administrators. The caller must first check that the session is an administrator's. Administrators see
 * and change only users of their own organisation. Personal Microsoft accounts share one tenant and have no organisation:
 * every method refuses them with `tenant_required`. Every method throws `not_signed_in` if the administrator's session has
 * ended.
 */
export interface Administration {
  /** Returns a page of users, ordered by name. */
  listUsers(
    administrator: ActiveSession,
    request?: UserListRequest,
  ): Promise<UserPage>;

  /**
   * Disables the user and ends all their sessions at once; returns the number of sessions. The user cannot sign in until
   * they are enabled again.
   *
   * @throws {AuthError} `user_not_found` if the organisation has no such user; `invalid_request` if administrators disable
   *   themselves.
   */
  disableUser(administrator: ActiveSession, userId: string): Promise<number>;

  /**
   * Lets the user sign in again. Their old sessions stay ended.
   *
   * @throws {AuthError} `user_not_found` if the organisation has no such user.
   */
  enableUser(administrator: ActiveSession, userId: string): Promise<void>;

  /**
   * Deletes the user, their sessions and their tokens at this registration. The audit trail keeps their ID. A user who
   * signs in again is new and enabled: refuse them in `onSignIn` if they must not return.
   *
   * @throws {AuthError} `user_not_found` if the organisation has no such user; `invalid_request` if administrators delete
   *   themselves.
   */
  deleteUser(administrator: ActiveSession, userId: string): Promise<void>;

  /**
   * Returns all data of the user at this registration.
   *
   * @throws {AuthError} `user_not_found` if the organisation has no such user.
   */
  exportUser(administrator: ActiveSession, userId: string): Promise<UserExport>;

  /**
   * Returns a page of the audit trail, the newest entries first. Administrators of the operator's organisation also see
   * entries without a user, such as a cancelled sign-in.
   */
  listAuditEntries(
    administrator: ActiveSession,
    request?: AuditListRequest,
  ): Promise<AuditPage>;
}

const defaultLimit = 50;

/** Creates the methods for administrators. */
export function createAdministration(core: Core): Administration {
  const { userStore, auditStore, report, now } = core;
  return {
    listUsers: async (administrator, request = {}) => {
      const { tenantId } = await requireOrganisation(core, administrator);
      const { search, after, limit = defaultLimit } = request;
      const users = await userStore.list({
        tenantId,
        search,
        after: after as UserId | undefined,
        limit: limit + 1,
      });
      return formatUserPage(users, limit);
    },
    disableUser: async (administrator, userId) => {
      const actor = await requireOrganisation(core, administrator);
      const { id: actorId, tenantId } = actor;
      if (userId === actorId) throw cannotChangeOneself("disable");
      const id = userId as UserId;
      const ended = await userStore.disable(id, tenantId, now());
      if (ended === undefined) throw userNotFound(actorId);
      report({ type: "user.disabled", userId: id, actorId });
      await closeSessions(core, report, ended, "user_disabled");
      return ended.length;
    },
    enableUser: async (administrator, userId) => {
      const actor = await requireOrganisation(core, administrator);
      const { id: actorId, tenantId } = actor;
      const id = userId as UserId;
      if (!(await userStore.enable(id, tenantId))) throw userNotFound(actorId);
      report({ type: "user.enabled", userId: id, actorId });
    },
    deleteUser: async (administrator, userId) => {
      const actor = await requireOrganisation(core, administrator);
      if (userId === actor.id) throw cannotChangeOneself("delete");
      const { id } = await requireMember(core, actor, userId);
      if (!(await deleteUser(core, id, actor.id))) throw userNotFound(actor.id);
    },
    exportUser: async (administrator, userId) => {
      const actor = await requireOrganisation(core, administrator);
      const { id } = await requireMember(core, actor, userId);
      const exported = await exportUser(core, id);
      if (exported === undefined) throw userNotFound(actor.id);
      return exported;
    },
    listAuditEntries: async (administrator, request = {}) => {
      const { tenantId } = await requireOrganisation(core, administrator);
      const { before, limit = defaultLimit } = request;
      const entries = await auditStore.list({
        tenantId,
        includesUnattributed: tenantId === (await findOperatorTenant(core)),
        before: before as AuditRecordId | undefined,
        limit: limit + 1,
      });
      return formatAuditPage(entries, limit);
    },
  };
}

/** @throws {AuthError} `tenant_required` for a personal account; `not_signed_in` if the session has ended. */
async function requireOrganisation(
  { activeSessions }: Core,
  administrator: ActiveSession,
): Promise<User> {
  const { user } = await activeSessions.require(administrator);
  if (user.tenantId !== consumerTenantId) return user;
  throw new AuthError(
    "tenant_required",
    "A personal account does not belong to an organisation. Sign in with a work or school account.",
    { userId: user.id },
  );
}

/**
 * Returns the tenant ID of the organisation that runs the application. If none is configured and the tenant option is a
 * domain, it is the tenant ID in the issuer of that domain; `undefined` while the provider cannot be reached.
 */
async function findOperatorTenant({
  settings: { operatorTenantId },
  identityClient: { identityProvider },
}: Core): Promise<string | undefined> {
  if (operatorTenantId !== undefined || !isDomain(identityProvider.tenant))
    return operatorTenantId;
  try {
    const { issuer } = await identityProvider.readMetadata();
    return readIssuerTenant(issuer);
  } catch {
    return undefined;
  }
}

/** @throws {AuthError} `user_not_found` if the user is not of the administrator's organisation. */
async function requireMember(
  { userStore }: Core,
  { id: actorId, tenantId }: User,
  userId: string,
): Promise<User> {
  const user = await userStore.find(userId as UserId);
  if (user?.tenantId !== tenantId) throw userNotFound(actorId);
  return user;
}

function userNotFound(actorId: UserId): AuthError {
  return new AuthError(
    "user_not_found",
    "Your organisation has no user with this ID.",
    { userId: actorId },
  );
}

function cannotChangeOneself(action: "delete" | "disable"): AuthError {
  return new AuthError(
    "invalid_request",
    `Administrators cannot ${action} themselves. Ask another administrator.`,
  );
}
