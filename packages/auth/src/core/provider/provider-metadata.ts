import {
  createDiscoveryError,
  quote,
  requireOwnCloud,
} from "./discovery-error.js";
import { AuthError } from "../error.js";
import { isFields } from "../fields.js";
import type { Fields } from "../fields.js";
import { isGuid } from "../identifiers.js";
import type { ProviderMetadata } from "./identity-provider.js";
import { isLoopbackHost } from "./loopback-host.js";
import type { SendToProvider } from "./provider-request.js";
import { consumerTenantId, fillIssuer, isIssuerTemplate } from "./tenant.js";

export interface MetadataRequest {
  readonly authority: string;
  readonly tenant: string;
  readonly clientId: string;
  readonly send: SendToProvider;
  readonly timeoutMilliseconds: number;
}

const webProtocols = ["https:", "http:"];
const customerHost = ".ciamlogin.com";
const issuerPath = /^\/([^/]+)\/v2\.0\/?$/;
const maximumDocumentBytes = 256 * 1024;

/**
 * Reads and checks the discovery document of the authority's tenant.
 *
 * @throws {AuthError} `tenant_not_found` if the authority has no such tenant, or returns the document of another cloud.
 * @throws {AuthError} `identity_provider_unavailable` if the document cannot be read or is not valid for this
 *   authority.
 * @see {@link https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationValidation | OpenID Connect Discovery 1.0 §4.3}
 */
export async function fetchMetadata(
  request: MetadataRequest,
): Promise<ProviderMetadata> {
  const metadata = parseMetadata(await fetchDocument(request));
  requireOwnCloud(metadata, request);
  requireOwnIssuer(metadata, request);
  requireOwnEndpoints(metadata, request);
  return { ...metadata, issuer: fillKnownTenant(metadata.issuer, request) };
}

async function fetchDocument(request: MetadataRequest): Promise<unknown> {
  const { authority, tenant, clientId } = request;
  const base = `${authority}/${encodeURIComponent(tenant)}/v2.0`;
  const url = `${base}/.well-known/openid-configuration?appid=${encodeURIComponent(clientId)}`;
  try {
    const { status, text } = await request.send(url, {
      method: "GET",
      headers: { accept: "application/json" },
      maximumBytes: maximumDocumentBytes,
      signal: AbortSignal.timeout(request.timeoutMilliseconds),
    });
    if (status < 200 || status > 299)
      throw createDiscoveryError(status, text, request);
    return text === undefined ? undefined : JSON.parse(text);
  } catch (error) {
    throw error instanceof AuthError
      ? error
      : unavailable(
          "The identity provider's discovery document cannot be read.",
          error,
        );
  }
}

function parseMetadata(document: unknown): ProviderMetadata {
  if (!isFields(document))
    throw refuse("it is not a JSON object or is too long");
  const { issuer } = document;
  if (typeof issuer !== "string") throw refuse("issuer is missing");
  return {
    issuer,
    authorizationEndpoint: requireUrl(document, "authorization_endpoint"),
    tokenEndpoint: requireUrl(document, "token_endpoint"),
    jwksUri: requireUrl(document, "jwks_uri"),
    endSessionEndpoint: isUrl(document["end_session_endpoint"])
      ? document["end_session_endpoint"]
      : undefined,
    requiresIssParameter:
      document["authorization_response_iss_parameter_supported"] === true,
    document,
  };
}

function requireUrl(document: Fields, name: string): string {
  const value = document[name];
  if (isUrl(value)) return value;
  throw refuse(
    `${name} must be a URL, found ${quote(typeof value === "string" ? value : typeof value)}`,
  );
}

/** Requires that the issuer belongs to the authority and tenant, so that one provider cannot pose as another. */
function requireOwnIssuer(
  { issuer }: ProviderMetadata,
  request: MetadataRequest,
): void {
  if (isOwnIssuer(issuer, request)) return;
  const expected = `${request.authority}/${describeTenant(request.tenant)}/v2.0`;
  throw refuse(`issuer must be ${quote(expected)}, found ${quote(issuer)}`);
}

function isOwnIssuer(
  issuer: string,
  { authority, tenant }: MetadataRequest,
): boolean {
  // `pathname` escapes the braces of the placeholder, so it is replaced by a plain word.
  const filled = fillIssuer(issuer, "tenantid");
  if (!URL.canParse(filled)) return false;
  const url = new URL(filled);
  const issuerTenant = issuerPath.exec(url.pathname)?.[1];
  if (issuerTenant === undefined || url.search !== "" || url.hash !== "")
    return false;
  return (
    isOwnHost(url, new URL(authority), { issuerTenant, tenant }) &&
    isOwnTenant(issuer, issuerTenant, tenant)
  );
}

function isOwnHost(
  issuer: URL,
  authority: URL,
  {
    issuerTenant,
    tenant,
  }: { readonly issuerTenant: string; readonly tenant: string },
): boolean {
  if (issuer.origin === authority.origin) return true;
  if (isSameMachine(issuer, authority)) return true;
  if (issuer.protocol !== "https:" || authority.protocol !== "https:")
    return false;
  // The issuer of External ID is the tenant's own host, even behind a custom domain. A custom domain does not reveal
  // its tenant, so there the configured tenant ID must match.
  return (
    issuer.host === `${issuerTenant}${customerHost}` &&
    (authority.host.endsWith(customerHost) || issuerTenant === tenant)
  );
}

/** For development: an identity provider on this machine may use any loopback host name. */
function isSameMachine(issuer: URL, authority: URL): boolean {
  return (
    [issuer, authority].every(
      ({ protocol, hostname }) =>
        protocol === "http:" && isLoopbackHost(hostname),
    ) && issuer.port === authority.port
  );
}

function isOwnTenant(
  issuer: string,
  issuerTenant: string,
  tenant: string,
): boolean {
  const isTemplate = isIssuerTemplate(issuer);
  if (tenant === "common" || tenant === "organizations")
    return isTemplate || isGuid(issuerTenant);
  const tenantId = readTenantId(tenant);
  // Only the issuer shows to which tenant a domain belongs.
  return tenantId === undefined
    ? isGuid(issuerTenant)
    : isTemplate || issuerTenant === tenantId;
}

/** Fills in a template if the tenant is known, so that tokens of other tenants are refused later. */
function fillKnownTenant(issuer: string, { tenant }: MetadataRequest): string {
  const tenantId = readTenantId(tenant);
  return tenantId === undefined ? issuer : fillIssuer(issuer, tenantId);
}

function readTenantId(tenant: string): string | undefined {
  if (tenant === "consumers") return consumerTenantId;
  return isGuid(tenant) ? tenant : undefined;
}

function describeTenant(tenant: string): string {
  if (tenant === "common" || tenant === "organizations") return "{tenantid}";
  return readTenantId(tenant) ?? "<tenant ID>";
}

/** Requires https endpoints in a document from an https authority: they receive secrets and users. */
function requireOwnEndpoints(
  metadata: ProviderMetadata,
  { authority }: MetadataRequest,
): void {
  if (new URL(authority).protocol === "http:") return;
  const endpoints = {
    authorization_endpoint: metadata.authorizationEndpoint,
    token_endpoint: metadata.tokenEndpoint,
    jwks_uri: metadata.jwksUri,
    end_session_endpoint: metadata.endSessionEndpoint,
  };
  for (const [name, endpoint] of Object.entries(endpoints)) {
    if (endpoint !== undefined && new URL(endpoint).protocol !== "https:")
      throw refuse(`${name} must be https, found ${quote(endpoint)}`);
  }
}

function isUrl(value: unknown): value is string {
  return (
    typeof value === "string" &&
    URL.canParse(value) &&
    webProtocols.includes(new URL(value).protocol)
  );
}

/** The message may quote the document, which is public. */
function refuse(finding: string): AuthError {
  return unavailable(
    `The identity provider's discovery document was refused: ${finding}.`,
  );
}

function unavailable(message: string, cause?: unknown): AuthError {
  return new AuthError("identity_provider_unavailable", message, { cause });
}
