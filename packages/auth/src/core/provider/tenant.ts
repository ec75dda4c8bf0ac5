import { isGuid } from "../identifiers.js";
import type { TenantId } from "../identifiers.js";
import type { SigningKey } from "./identity-provider.js";

/** The tenant of personal Microsoft accounts. */
export const consumerTenantId = "9188040d-6c67-4c5b-b112-36a304b66dad";

const tenantPlaceholder = "{tenantid}";

const tenantGroups: readonly string[] = [
  "organizations",
  "common",
  "consumers",
];

/**
 * Returns whether the tenant in an authority's path is the domain of an organisation, rather than a tenant ID or group.
 */
export function isDomain(tenant: string): boolean {
  return !isGuid(tenant) && !tenantGroups.includes(tenant);
}

/** Which organisations may sign in. */
export interface TenantRule {
  /** The tenant in the authority's path: an ID, a domain, `organizations`, `common` or `consumers`. */
  readonly tenant: string;
  /** If given, only these tenant IDs may sign in. */
  readonly allowedTenants?: readonly string[] | undefined;
}

/** Returns whether accounts of this tenant may sign in. This does not replace the check of the issuer. */
export function isTenantAllowed(
  tenantId: string,
  { tenant, allowedTenants }: TenantRule,
): boolean {
  if (allowedTenants !== undefined && !allowedTenants.includes(tenantId))
    return false;
  if (tenant === "organizations") return tenantId !== consumerTenantId;
  if (tenant === "consumers") return tenantId === consumerTenantId;
  return isGuid(tenant) ? tenantId === tenant : true;
}

/**
 * Returns the issuer of this tenant's tokens. Entra's metadata for `common` and `organizations` contains a template;
 * any other issuer is returned unchanged.
 */
export function fillIssuer(issuer: string, tenantId: string): string {
  return issuer.replaceAll(tenantPlaceholder, tenantId);
}

/**
 * Returns the issuer of a tenant's access tokens of version 1.0, which Entra issues for an API whose registration does not
 * request version 2.0. They are signed with the same keys.
 */
export function findVersion1Issuer(
  authority: string,
  tenantId: string,
): string {
  const host = new URL(authority).hostname.endsWith(".cn")
    ? "sts.chinacloudapi.cn"
    : "sts.windows.net";
  return `https://${host}/${tenantId}/`;
}

/** Returns whether the issuer is a template with a placeholder for the tenant ID. */
export function isIssuerTemplate(issuer: string): boolean {
  return issuer.includes(tenantPlaceholder);
}

/**
 * Returns whether `iss` of an authorization response matches the issuer with which the flow was initiated.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9207#section-2.4 | RFC 9207 §2.4}
 */
export function matchesIssuer(iss: string, issuer: string): boolean {
  if (!isIssuerTemplate(issuer)) return iss === issuer;
  const start = issuer.indexOf(tenantPlaceholder);
  const tenantId = iss.slice(start, start + consumerTenantId.length);
  return isGuid(tenantId) && iss === fillIssuer(issuer, tenantId);
}

/** Returns the tenant ID in the path of an Entra issuer; `undefined` if there is none. */
export function readIssuerTenant(iss: string): TenantId | undefined {
  if (!URL.canParse(iss)) return undefined;
  return new URL(iss).pathname.split("/").find(isTenantId);
}

function isTenantId(text: string): text is TenantId {
  return isGuid(text);
}

/**
 * Returns whether the key may sign for the token's issuer. Entra's shared key set states an issuer for each key, so
 * that a key for personal accounts cannot sign for an organisation.
 */
export function mayHaveSigned(
  { issuer }: SigningKey,
  { iss }: { readonly iss: string },
): boolean {
  return issuer === undefined || matchesIssuer(iss, issuer);
}
