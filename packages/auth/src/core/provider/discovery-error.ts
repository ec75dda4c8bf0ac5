import { findCloudAuthority } from "./authority.js";
import { AuthError } from "../error.js";
import type { ProviderError } from "../error.js";
import { isFields } from "../fields.js";
import type { Fields } from "../fields.js";
import type { ProviderMetadata } from "./identity-provider.js";
import { parseProviderError } from "./provider-error.js";
import { cutText } from "../text.js";

/** The tenant whose discovery document was requested. */
export interface DiscoveredTenant {
  readonly authority: string;
  readonly tenant: string;
}

// 90002: the tenant does not exist. 900023: the name is not valid. 90038: the tenant belongs to another cloud.
const tenantFindings: readonly (string | undefined)[] = [
  "AADSTS90002",
  "AADSTS900023",
  "AADSTS90038",
];
const maximumQuotedCharacters = 200;

/**
 * Creates the error for a failed discovery request. A tenant that does not exist is a configuration error, not an
 * outage.
 */
export function createDiscoveryError(
  status: number,
  text: string | undefined,
  request: DiscoveredTenant,
): AuthError {
  const body = parseErrorBody(text);
  const provider = parseProviderError(body);
  const isTenantUnknown =
    status < 500 &&
    (provider?.error === "invalid_tenant" ||
      tenantFindings.includes(provider?.aadsts));
  if (isTenantUnknown)
    return tenantNotFound(request, readNamedCloud(body), provider);
  return new AuthError(
    "identity_provider_unavailable",
    `The identity provider responded with status ${status} for its discovery document.`,
    { provider },
  );
}

function parseErrorBody(text: string | undefined): Fields {
  try {
    const body: unknown = JSON.parse(text ?? "");
    return isFields(body) ? body : {};
  } catch {
    return {};
  }
}

/** Returns the authority of the cloud in an error such as "belongs to the National Cloud 'MicrosoftOnline.US'". */
function readNamedCloud({
  error_description: description,
}: Fields): string | undefined {
  if (typeof description !== "string") return undefined;
  const name = /National Cloud '([^']{1,100})'/.exec(description)?.[1];
  return name === undefined ? undefined : findCloudAuthority(name);
}

/**
 * Refuses the discovery document of a tenant of another cloud. An authority serves it too, with that cloud's endpoints.
 *
 * @throws {AuthError} `tenant_not_found`, naming the right authority.
 */
export function requireOwnCloud(
  { document, tokenEndpoint, issuer }: ProviderMetadata,
  request: DiscoveredTenant,
): void {
  const ownCloud = findCloudAuthority(new URL(request.authority).host);
  if (ownCloud === undefined) return;
  const clouds = [
    document["cloud_instance_name"],
    readHost(issuer),
    readHost(tokenEndpoint),
  ].map((name) =>
    typeof name === "string" ? findCloudAuthority(name) : undefined,
  );
  const other = clouds.find(
    (cloud) => cloud !== undefined && cloud !== ownCloud,
  );
  if (other !== undefined) throw tenantNotFound(request, other);
}

function readHost(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined;
}

/** The message contains both the name of the option and that of its environment variable. */
function tenantNotFound(
  { authority, tenant }: DiscoveredTenant,
  otherCloud: string | undefined,
  provider?: ProviderError,
): AuthError {
  const message =
    otherCloud === undefined
      ? `${authority} has no tenant ${quote(tenant)}. Correct the option tenant (ENTRA_TENANT).`
      : `The tenant ${quote(tenant)} belongs to another cloud. Set the option authority (ENTRA_AUTHORITY) to ${otherCloud}.`;
  return new AuthError("tenant_not_found", message, { provider });
}

/** Returns the text in quotation marks, truncated to a length suitable for a message. */
export function quote(text: string): string {
  return `"${cutText(text, maximumQuotedCharacters)}"`;
}
