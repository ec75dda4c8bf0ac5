import { AadstsError } from "../protocol/aadsts.js";
import type { Directory, Person, Tenant } from "./directory.js";
import { builtInTenants } from "./built-in-directory.js";

/** The meaning of the first path segment of a URL: one tenant, or a group of tenants. */
export interface Authority {
  /** The segment as in the discovery document: a tenant ID, `common` or `organizations`. */
  readonly segment: string;
  /** The tenant, unless the segment names a group of tenants. */
  readonly tenant: Tenant | undefined;
}

const GUID_OR_DOMAIN =
  /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|([a-z0-9-]+\.)+[a-z0-9-]+)$/;

/**
 * Finds the authority that a path segment names.
 *
 * @throws {AadstsError} 90002 if there is no such tenant, 900023 if the segment is neither a GUID nor a domain.
 */
export function requireAuthority(
  directory: Directory,
  segment: string,
): Authority {
  const name = segment.toLowerCase();
  if (name === "common" || name === "organizations")
    return { segment: name, tenant: undefined };
  const tenant = findTenant(
    directory,
    name === "consumers" ? builtInTenants.consumers.tenantId : name,
  );
  if (tenant === undefined)
    throw new AadstsError(
      GUID_OR_DOMAIN.test(name) ? 90002 : 900023,
      segment.slice(0, 200),
    );
  return { segment: tenant.tenantId, tenant };
}

/** Returns whether members of `homeTenant` may sign in through the authority without being guests. */
function admitsHomeTenant(authority: Authority, homeTenant: Tenant): boolean {
  if (authority.tenant !== undefined)
    return authority.tenant.tenantId === homeTenant.tenantId;
  if (homeTenant.kind === "external") return false;
  return authority.segment === "common" || homeTenant.kind === "organization";
}

/** Returns the tenant in which the person signs in through this authority, or `undefined` if there is none. */
export function signInTenant(
  directory: Directory,
  authority: Authority,
  person: Person,
): Tenant | undefined {
  const home = directory.findTenant(person.home.tenantId);
  if (home !== undefined && admitsHomeTenant(authority, home)) return home;
  const isGuest =
    person.guestIn?.some(
      (membership) => membership.tenantId === authority.tenant?.tenantId,
    ) ?? false;
  return isGuest ? authority.tenant : undefined;
}

function findTenant(directory: Directory, name: string): Tenant | undefined {
  return (
    directory.findTenant(name) ??
    directory.tenants.find((tenant) => tenant.domains.includes(name))
  );
}
