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

/** Returns whether the tenant in an authority's path is one organisation by its domain, whose tenant ID is not known yet. */
export function isDomain(tenant: string): boolean {
  return !isGuid(tenant) && !tenantGroups.includes(tenant);
}

/** Which organisations may sign in. */
export interface TenantRule {
  /** The tenant in the authority's path: an ID, a domain, `organizations`, `common` or `consumers`. */
  readonly tenant: string;
  /** If given, only these tenant IDs. */
  readonly allowedTenants?: readonly string[] | undefined;
}

/** Returns whether accounts of this tenant may sign in. The issuer is checked besides: this is policy, not proof. */
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
 * Returns the issuer that a token of this tenant must name: Entra's metadata for `common` and `organizations` holds a
 * template, every other issuer stands for itself.
 */
export function fillIssuer(issuer: string, tenantId: string): string {
  return issuer.replaceAll(tenantPlaceholder, tenantId);
}

/** Returns whether the issuer is a template with a place for the tenant ID. */
export function isIssuerTemplate(issuer: string): boolean {
  return issuer.includes(tenantPlaceholder);
}

/**
 * Returns whether `iss` of an authorization response may come from the provider that the flow was initiated with.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9207#section-2.4 | RFC 9207 §2.4}
 */
export function matchesIssuer(iss: string, issuer: string): boolean {
  if (!isIssuerTemplate(issuer)) return iss === issuer;
  const start = issuer.indexOf(tenantPlaceholder);
  const tenantId = iss.slice(start, start + consumerTenantId.length);
  return isGuid(tenantId) && iss === fillIssuer(issuer, tenantId);
}

/** Returns the tenant ID in the path of an issuer of Entra's, or `undefined` if there is none. */
export function readIssuerTenant(iss: string): TenantId | undefined {
  if (!URL.canParse(iss)) return undefined;
  return new URL(iss).pathname.split("/").find(isTenantId);
}

function isTenantId(text: string): text is TenantId {
  return isGuid(text);
}

/**
 * Returns whether the key may sign for the token's issuer. Entra's shared key set says of each key whose tokens it signs:
 * the consumer key must not vouch for an organisation.
 */
export function mayHaveSigned(
  { issuer }: SigningKey,
  { iss }: { readonly iss: string },
): boolean {
  return issuer === undefined || matchesIssuer(iss, issuer);
}
