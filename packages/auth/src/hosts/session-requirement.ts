import {
  requireAnyRole,
  requireTenant,
} from "../core/session/session-requirement.js";
import type { ActiveSession } from "../core/session/active-session.js";
import { requireKnownOptions } from "./known-options.js";

/** What a guard requires besides a session. */
export interface SessionRequirement {
  /** An app role that the user must have. */
  readonly role?: string | undefined;
  /** App roles of which the user must have one. */
  readonly roles?: readonly string[] | undefined;
  /** The tenant ID of the organisation that the user must belong to. */
  readonly tenant?: string | undefined;
}

/** Checks a session. @throws {AuthError} `role_required`, `tenant_required` */
export type CheckRequirement = (active: ActiveSession) => void;

const names: readonly string[] = ["role", "roles", "tenant"];

/**
 * Creates the check of a requirement.
 *
 * @throws {TypeError} for an unknown option.
 */
export function createRequirementCheck(
  requirement: SessionRequirement = {},
): CheckRequirement {
  requireKnownOptions("requireSession", requirement, names);
  const { role, roles, tenant } = requirement;
  return (active) => {
    if (role !== undefined) requireAnyRole(active, [role]);
    if (roles !== undefined) requireAnyRole(active, roles);
    if (tenant !== undefined) requireTenant(active, tenant);
  };
}
